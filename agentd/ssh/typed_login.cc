#include "agentd/ssh/typed_login.h"

#include <cstring>
#include <utility>

namespace cbs::ssh {
namespace {

const Question kPassword{"", {{"Password: ", false}}};

Error broken(Session& session) { return {ErrorKind::UNREACHABLE, Reason::CONNECTION_CLOSED, session.deathReason()}; }

}  // namespace

Task<std::optional<Answers>> TypedLogin::ask(Question question) {
  asked_ = question;
  auto answers = co_await signer_.ask(std::move(question));
  if (answers) co_return std::move(*answers);
  shortcoming_ = std::move(answers.error());
  co_return std::nullopt;
}

void TypedLogin::wasWrong() {
  signer_.refused(asked_);
  shortcoming_ = Error{ErrorKind::AUTH_REFUSED, Reason::PASSWORD_REFUSED, detail_};
}

Task<Expected<TypedLogin::Verdict>> TypedLogin::password() {
  auto answers = co_await ask(kPassword);
  if (!answers) co_return Verdict::UNANSWERED;
  ssize_t code = co_await session_.run([raw = session_.raw(), user = user_, secret = answers->front()]() -> ssize_t {
    auto text = secret->view();
    return libssh2_userauth_password_ex(raw, user.data(), static_cast<unsigned>(user.size()), text.data(),
                                        static_cast<unsigned>(text.size()), nullptr);
  });
  if (code == 0) co_return Verdict::DONE;
  if (session_.dead()) co_return fail(broken(session_));
  detail_ = code == LIBSSH2_ERROR_PASSWORD_EXPIRED ? "the password has expired" : "";
  co_return Verdict::FAILED;
}

#ifdef LIBSSH2_HAS_USERAUTH_KEYBOARD_INTERACTIVE_LATER

// What the server asks, on its way through libssh2, which wants the answers in a callback.
class TypedLogin::Conversation : public kj::Refcounted {
 public:
  explicit Conversation(std::string user) : user_(std::move(user)) {}

  // Tries to go on. Gives kAsked when answers are wanted, else as libssh2_userauth_keyboard_interactive.
  static constexpr ssize_t kAsked = 1;
  ssize_t step(Session& session) {
    session.setCallbackContext(this);
    int code = libssh2_userauth_keyboard_interactive_ex(session.raw(), user_.data(),
                                                        static_cast<unsigned>(user_.size()), &respond);
    session.setCallbackContext(nullptr);
    bool waits = code == LIBSSH2_ERROR_EAGAIN && question_ && !answers_;
    return waits ? kAsked : code;
  }

  const Question& question() const { return *question_; }
  void answer(Answers answers) { answers_ = std::move(answers); }
  // The server gets empty answers: it has to be told something.
  void giveUp() { answers_.emplace(question_->prompts.size(), std::make_shared<const Secret>("")); }

 private:
  static void respond(const char*, int, const char* instruction, int instructionLength, int count,
                      const LIBSSH2_USERAUTH_KBDINT_PROMPT* prompts, LIBSSH2_USERAUTH_KBDINT_RESPONSE* responses,
                      void** abstract) {
    auto& session = *static_cast<Session*>(*abstract);
    auto& self = *static_cast<Conversation*>(session.callbackContext());
    if (count == 0) return;  // the server has only something to say
    if (!self.answers_) {
      self.take({instruction, static_cast<size_t>(instructionLength)}, prompts, count);
      libssh2_userauth_keyboard_interactive_later(session.raw());
      return;
    }
    for (int i = 0; i < count; ++i) fill(session, *(*self.answers_)[static_cast<size_t>(i)], responses[i]);
    self.question_.reset();
    self.answers_.reset();
  }

  void take(std::string_view instruction, const LIBSSH2_USERAUTH_KBDINT_PROMPT* prompts, int count) {
    question_.emplace(Question{std::string(instruction), {}});
    for (int i = 0; i < count; ++i) {
      question_->prompts.push_back(
          {{reinterpret_cast<const char*>(prompts[i].text), prompts[i].length}, prompts[i].echo != 0});
    }
  }

  // libssh2 frees it with the session's own heap.
  static void fill(Session& session, const Secret& secret, LIBSSH2_USERAUTH_KBDINT_RESPONSE& response) {
    auto text = secret.view();
    response.text = static_cast<char*>(session.heap().allocate(text.size() + 1));
    if (response.text == nullptr) return;
    std::memcpy(response.text, text.data(), text.size());
    response.length = static_cast<unsigned>(text.size());
  }

  std::string user_;
  std::optional<Question> question_;
  std::optional<Answers> answers_;
};

Task<Expected<TypedLogin::Verdict>> TypedLogin::keyboardInteractive() {
  auto conversation = kj::refcounted<Conversation>(user_);
  auto step = [&]() {
    return session_.run([session = &session_, conversation = kj::addRef(*conversation)]() mutable {
      return conversation->step(*session);
    });
  };
  bool answered = false;
  ssize_t code = co_await step();
  while (code == Conversation::kAsked) {
    auto answers = co_await ask(conversation->question());
    answered = answers && answers->size() == asked_.prompts.size();
    if (answered) {
      conversation->answer(std::move(*answers));
    } else {
      conversation->giveUp();
    }
    code = co_await step();
  }
  if (code == 0) co_return Verdict::DONE;
  if (session_.dead()) co_return fail(broken(session_));
  detail_.clear();
  co_return answered ? Verdict::FAILED : Verdict::UNANSWERED;
}

#else

Task<Expected<TypedLogin::Verdict>> TypedLogin::keyboardInteractive() {
  shortcoming_ = Error{ErrorKind::AUTH_REFUSED, Reason::NOBODY_TO_ASK,
                       "keyboard-interactive needs the libssh2 that the project builds"};
  co_return Verdict::UNANSWERED;
}

#endif

}  // namespace cbs::ssh
