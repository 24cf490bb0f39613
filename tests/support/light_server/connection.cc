#include "tests/support/light_server/connection.h"

#include <algorithm>

namespace cbs::light {
namespace {

constexpr uint32_t kWriteSize = 32768;  // a packet's payload; more is refused by many clients (RFC 4254 §6.1)

}  // namespace

Channel::Channel(ssh_session session, Alarms& alarms) : alarms_(alarms), channel_(ssh_channel_new(session)) {
  callbacks_.userdata = this;
  callbacks_.channel_exec_request_function = [](ssh_session, ssh_channel, const char* command, void* self) {
    static_cast<Channel*>(self)->start(command);
    return 0;
  };
  // Whatever the client wants to tell the command has nobody who reads it.
  callbacks_.channel_data_function = [](ssh_session, ssh_channel, void*, uint32_t size, int, void*) {
    return static_cast<int>(size);
  };
  callbacks_.channel_env_request_function = [](ssh_session, ssh_channel, const char*, const char*, void*) { return 0; };
  ssh_callbacks_init(&callbacks_);
  ssh_set_channel_callbacks(channel_, &callbacks_);
}

Channel::~Channel() {
  ssh_remove_channel_callbacks(channel_, &callbacks_);
  ssh_channel_free(channel_);
}

// libssh says yes to the request once the callback has returned, so nothing may be written before.
void Channel::start(const std::string& command) {
  if (phase_ != Phase::kIdle) return;
  phase_ = Phase::kRunning;
  plan_ = planFor(command);
  begin_ = Alarms::Clock::now() + plan_.wait;
  if (plan_.wait.count() > 0) alarms_.set(begin_, ssh_get_fd(ssh_channel_get_session(channel_)));
}

void Channel::proceed() {
  if (phase_ != Phase::kRunning || Alarms::Clock::now() < begin_) return;
  if (!plan_.output.empty())
    ssh_channel_write(channel_, plan_.output.data(), static_cast<uint32_t>(plan_.output.size()));
  plan_.output.clear();
  if (writeZeros()) exit();
}

// True when all are written.
bool Channel::writeZeros() {
  static const char zeros[kWriteSize] = {};
  while (plan_.zeroBytes > 0) {
    auto room = std::min<uint64_t>({plan_.zeroBytes, ssh_channel_window_size(channel_), kWriteSize});
    if (room == 0) return false;
    int written = ssh_channel_write(channel_, zeros, static_cast<uint32_t>(room));
    if (written <= 0) return false;
    plan_.zeroBytes -= static_cast<uint64_t>(written);
  }
  return true;
}

void Channel::exit() {
  phase_ = Phase::kExited;
  const std::string& text = plan_.errorOutput;
  if (!text.empty()) ssh_channel_write_stderr(channel_, text.data(), static_cast<uint32_t>(text.size()));
  ssh_channel_request_send_exit_status(channel_, plan_.status);
  ssh_channel_send_eof(channel_);
  ssh_channel_close(channel_);
}

Connection::Connection(ssh_session session, ssh_key userKey, Alarms& alarms)
    : session_(session), event_(ssh_event_new()), userKey_(userKey), alarms_(alarms) {
  callbacks_.userdata = this;
  callbacks_.auth_pubkey_function = [](ssh_session, const char*, ssh_key_struct* key, char state, void* self) {
    return static_cast<Connection*>(self)->judgeKey(key, state);
  };
  callbacks_.channel_open_request_session_function = [](ssh_session, void* self) {
    return static_cast<Connection*>(self)->openChannel();
  };
  ssh_callbacks_init(&callbacks_);
  ssh_set_server_callbacks(session_, &callbacks_);
  ssh_set_auth_methods(session_, SSH_AUTH_METHOD_PUBLICKEY);
  ssh_set_blocking(session_, 0);
  ssh_handle_key_exchange(session_);  // begins; the rest happens in serve()
  ssh_event_add_session(event_, session_);
}

Connection::~Connection() {
  channels_.clear();
  ssh_event_remove_session(event_, session_);
  ssh_event_free(event_);
  ssh_free(session_);
}

bool Connection::serve() {
  // libssh writes a packet only when poll has told it, after the packet before, that there is room: hence a few rounds.
  constexpr int kRounds = 8;
  for (int round = 0; round < kRounds; ++round) {
    if (ssh_event_dopoll(event_, 0) == SSH_ERROR) return false;
    for (auto& channel : channels_) channel->proceed();
    if (!wantsToWrite()) break;
  }
  channels_.remove_if([](const std::unique_ptr<Channel>& channel) { return channel->closed(); });
  // After a reset libssh has closed the socket and may say nothing more.
  return socket() >= 0 && (ssh_get_status(session_) & (SSH_CLOSED | SSH_CLOSED_ERROR)) == 0;
}

int Connection::judgeKey(ssh_key offered, char signatureState) {
  bool known = ssh_key_cmp(offered, userKey_, SSH_KEY_CMP_PUBLIC) == 0;
  bool proven = signatureState == SSH_PUBLICKEY_STATE_VALID || signatureState == SSH_PUBLICKEY_STATE_NONE;
  return known && proven ? SSH_AUTH_SUCCESS : SSH_AUTH_DENIED;
}

ssh_channel Connection::openChannel() {
  channels_.push_back(std::make_unique<Channel>(session_, alarms_));
  return channels_.back()->raw();
}

}  // namespace cbs::light
