#include "agentd/ssh/authentication.h"

#include "agentd/core/patterns.h"
#include "agentd/ssh/public_key_login.h"
#include "agentd/ssh/typed_login.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>

namespace cbs::ssh {
namespace {

// A server that goes on wanting something else is not serious.
constexpr int kMostAttempts = 16;

bool lists(std::string_view list, std::string_view method) {
  auto methods = core::splitCommas(list);
  return std::find(methods.begin(), methods.end(), method) != methods.end();
}

class Login {
 public:
  Login(Session& session, std::string user, LoginMethods methods, Signer& signer)
      : session_(session),
        user_(std::move(user)),
        methods_(std::move(methods)),
        keys_(session, user_, signer),
        typed_(session, user_, signer) {}

  Task<Expected<void>> run() {
    for (int i = 0; i < kMostAttempts; ++i) {
      auto method = next();
      if (!method) break;
      bool typed = *method != "publickey";
      if (typed && !allowed_) {  // nobody is to be asked in vain
        if (co_await listMethods()) co_return {};
        if (session_.dead()) co_return fail(hungUp());
        continue;
      }
      auto done = typed ? co_await typeOne(*method) : co_await offerKeys();
      if (done && *done) co_return {};
      if (session_.dead()) co_return fail(hungUp());
      if (!done) co_return fail(std::move(done.error()));
    }
    if (!allowed_ && co_await listMethods()) co_return {};  // for the message
    if (session_.dead()) co_return fail(hungUp());
    co_return fail(refusal());
  }

 private:
  // The first that may be tried still and that the server would take, as far as is known: asking costs a round trip, so
  // that keys are offered unasked.
  std::optional<std::string> next() const {
    for (const auto& method : methods_.order) {
      auto tried = tries_.find(method);
      unsigned most = method == "publickey" ? 1 : methods_.prompts;
      bool left = tried == tries_.end() || tried->second < most;
      if (left && (!allowed_ || lists(*allowed_, method))) return method;
    }
    return std::nullopt;
  }

  Task<Expected<bool>> offerKeys() {
    ++tries_["publickey"];
    auto done = co_await keys_.run();
    if (done && !*done && !keys_.offered().empty()) co_await hearRefusal();
    co_return done;
  }

  Task<Expected<bool>> typeOne(std::string method) {
    ++tries_[method];
    auto verdict = method == "password" ? co_await typed_.password() : co_await typed_.keyboardInteractive();
    if (!verdict) co_return fail(std::move(verdict.error()));
    if (*verdict == TypedLogin::Verdict::DONE) co_return true;
    if (*verdict == TypedLogin::Verdict::UNANSWERED) {
      tries_[method] = methods_.prompts;  // it would be no better another time
    } else if (!co_await hearRefusal()) {
      typed_.wasWrong();
    }
    co_return false;
  }

  // What the server said to the last attempt. Gives whether it was accepted, and others are wanted beside it.
  Task<bool> hearRefusal() {
#ifdef LIBSSH2_HAS_USERAUTH_FAILURE
    int partial = 0;
    const char* list = libssh2_userauth_failure(session_.raw(), &partial);
    if (list != nullptr) allowed_ = list;
#else
    auto before = allowed_;
    co_await listMethods();
    bool partial = before && allowed_ && *before != *allowed_;
#endif
    if (partial != 0) tries_.clear();
    co_return partial != 0;
  }

  // Asking is an attempt of its own, by the method `none`. Gives whether the server lets us in for that.
  Task<bool> listMethods() {
    char* list = nullptr;
    co_await session_.run([&, raw = session_.raw()]() -> ssize_t {
      list = libssh2_userauth_list(raw, user_.data(), static_cast<unsigned>(user_.size()));
      return list == nullptr ? libssh2_session_last_errno(raw) : 0;
    });
    allowed_ = list == nullptr ? "" : list;
    co_return libssh2_userauth_authenticated(session_.raw()) != 0;
  }

  // A server that hangs up after several keys has had enough of them (MaxAuthTries). libssh2 may tell of that only at
  // the call after the next, as it takes the end of the connection for a refusal of the key.
  Error hungUp() const {
    if (keys_.count() < 2) return {ErrorKind::UNREACHABLE, Reason::CONNECTION_CLOSED, session_.deathReason()};
    return Error{ErrorKind::AUTH_REFUSED, Reason::KEYS_REFUSED, session_.deathReason()}.with("offered",
                                                                                             keys_.offered());
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
    if (typing && !someoneWasAsked) error.facts.push_back({"typed", "a password"});
    return std::move(error).with("user", user_).with("offered", keys_.offered()).with("methods", allowed);
  }

  Session& session_;
  std::string user_;
  LoginMethods methods_;
  PublicKeyLogin keys_;
  TypedLogin typed_;
  std::map<std::string, unsigned> tries_;  // by method, since the server last accepted one
  std::optional<std::string> allowed_;     // by the server's last word
};

}  // namespace

Task<Expected<void>> authenticate(Session& session, std::string user, LoginMethods methods, Signer& signer) {
  Login login(session, std::move(user), std::move(methods), signer);
  co_return co_await login.run();
}

}  // namespace cbs::ssh
