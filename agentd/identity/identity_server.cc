#include "agentd/identity/identity_server.h"

namespace cbs::identity {
namespace {

constexpr size_t kMaxHolders = 1000;

capnp::Data::Reader dataOf(const std::string& bytes) {
  return {reinterpret_cast<const capnp::byte*>(bytes.data()), bytes.size()};
}
std::string bytesOf(capnp::Data::Reader data) { return {data.asChars().begin(), data.size()}; }

Question questionOf(schema::Question::Reader from, const std::string& subject) {
  Question question{subject, from.getInstruction().cStr(), {}};
  for (auto prompt : from.getPrompts()) question.prompts.push_back({prompt.getText().cStr(), prompt.getEcho()});
  return question;
}

// Comments come from agents and files: text on the wire has no NUL in it.
std::string textOf(const std::string& comment) { return comment.substr(0, comment.find('\0')); }

}  // namespace

Task<void> IdentityServer::giveKeys(KeysContext context) {
  auto gathered = co_await ring_.gather();
  if (holders_.size() > kMaxHolders) holders_.clear();
  auto results = context.getResults();
  auto list = results.initKeys(static_cast<unsigned>(gathered.keys.size()));
  for (unsigned i = 0; i < list.size(); ++i) {
    const HeldKey& held = gathered.keys[i];
    list[i].setBlob(dataOf(held.key.blob));
    list[i].setComment(textOf(held.key.comment).c_str());
    holders_[held.key.blob] = held;
  }
  if (gathered.problem) encode(*gathered.problem, results.initError());
}

Task<void> IdentityServer::giveSignature(SignContext context) {
  auto request = context.getParams();
  auto signature =
      co_await signWith(bytesOf(request.getKey()), bytesOf(request.getData()), request.getAlgorithm().cStr());
  auto results = context.getResults();
  if (signature)
    results.setSignature(dataOf(*signature));
  else
    encode(signature.error(), results.initError());
}

Task<Expected<std::string>> IdentityServer::signWith(std::string blob, std::string data, std::string algorithm) {
  auto holder = holders_.find(blob);
  if (holder == holders_.end()) {
    co_return fail(ErrorKind::AUTH_REFUSED, Reason::NO_KEY, "asked to sign with a key that was not offered");
  }
  co_return co_await ring_.sign(holder->second, std::move(data), std::move(algorithm), asker_);
}

Task<void> IdentityServer::giveAnswers(AskContext context) {
  auto results = context.getResults();
  auto question = questionOf(context.getParams().getQuestion(), login_->subject);
  Asker asker = asker_.passwords ? asker_ : Asker{};
  auto answers = co_await store_->answers.ask(login_->login, std::move(asker), std::move(question));
  if (!answers) co_return encode(answers.error(), results.initError());
  auto list = results.initAnswers(static_cast<unsigned>(answers->size()));
  for (unsigned i = 0; i < list.size(); ++i) {
    auto secret = (*answers)[i]->view();
    list.set(i, {reinterpret_cast<const capnp::byte*>(secret.data()), secret.size()});
  }
}

kj::Promise<void> IdentityServer::refused(RefusedContext context) {
  store_->answers.refused(login_->login, questionOf(context.getParams().getQuestion(), login_->subject));
  return kj::READY_NOW;
}

}  // namespace cbs::identity
