#include "agentd/ssh/authentication.h"

#include "agentd/ssh/public_key_login.h"
#include "agentd/ssh/typed_login.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>

namespace cbs::ssh {
namespace {

// A server that goes on wanting something else is not serious.
constexpr int kMostMethods = 8;

bool lists(std::string_view list, std::string_view method) {
  while (!list.empty()) {
    auto word = list.substr(0, list.find(','));
    if (word == method) return true;
    list.remove_prefix(std::min(list.size(), word.size() + 1));
  }
  return false;
}

class Login {
 public:
  Login(Session& session, std::string user, LoginMethods methods, Signer& signer)
      : session_(session),
        user_(std::move(user)),
        methods_(std::move(methods)),
        keys_(session, user_, signer),
        typed_(session, user_, signer, methods_.prompts) {}

  Task<Expected<void>> run() {
    for (int tried = 0; tried < kMostMethods; ++tried) {
      auto method = next();
      if (!method) break;
      auto done = co_await attempt(*method);
      if (!done) co_return fail(std::move(done.error()));
      if (*done || co_await listMethods()) co_return {};
      if (session_.dead()) co_return fail(ErrorKind::UNREACHABLE, Reason::CONNECTION_CLOSED, session_.deathReason());
    }
    co_return fail(refusal());
  }

 private:
  // The first that was not tried yet and that the server would take, as far as is known: asking costs a round trip, so
  // the first is tried unasked.
  std::optional<std::string> next() const {
    for (const auto& method : methods_.order) {
      if (!tried_.contains(method) && (!allowed_ || lists(*allowed_, method))) return method;
    }
    return std::nullopt;
  }

  Task<Expected<bool>> attempt(std::string method) {
    tried_.insert(method);
    if (method == "publickey") return keys_.run();
    if (method == "password") return typed_.password();
    return typed_.keyboardInteractive();
  }

  // Asking is an attempt of its own, by the method `none`. Gives whether the server lets us in for that. A list that
  // has changed tells that a method was accepted and others are wanted beside it.
  Task<bool> listMethods() {
    char* list = nullptr;
    co_await session_.run([&, raw = session_.raw()]() -> ssize_t {
      list = libssh2_userauth_list(raw, user_.data(), static_cast<unsigned>(user_.size()));
      return list == nullptr ? libssh2_session_last_errno(raw) : 0;
    });
    std::string now = list == nullptr ? "" : list;
    if (allowed_ && *allowed_ != now) tried_.clear();
    allowed_ = std::move(now);
    co_return libssh2_userauth_authenticated(session_.raw()) != 0;
  }

  // The most telling of what has gone wrong.
  Error refusal() const {
    const auto& typed = typed_.shortcoming();
    const auto& keys = keys_.shortcoming();
    bool someoneWasAsked = typed && typed->reason != Reason::NOBODY_TO_ASK;
    Error error{ErrorKind::AUTH_REFUSED, Reason::KEYS_REFUSED, ""};
    if (someoneWasAsked) {
      error = *typed;
    } else if (keys) {
      error = *keys;
    } else if (typed && keys_.offered().empty()) {
      error = *typed;
    }
    auto allowed = allowed_.value_or("");
    bool typing = lists(allowed, "password") || lists(allowed, "keyboard-interactive");
    if (typing && !someoneWasAsked) error = std::move(error).with("typed", "a password");
    return std::move(error).with("user", user_).with("offered", keys_.offered()).with("methods", allowed);
  }

  Session& session_;
  std::string user_;
  LoginMethods methods_;
  PublicKeyLogin keys_;
  TypedLogin typed_;
  std::set<std::string> tried_;
  std::optional<std::string> allowed_;  // by the server's last word
};

}  // namespace

Task<Expected<void>> authenticate(Session& session, std::string user, LoginMethods methods, Signer& signer) {
  Login login(session, std::move(user), std::move(methods), signer);
  co_return co_await login.run();
}

}  // namespace cbs::ssh
