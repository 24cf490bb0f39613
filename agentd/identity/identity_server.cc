#include "agentd/identity/identity_server.h"

namespace cbs::identity {
namespace {

constexpr size_t kMaxHolders = 1000;

capnp::Data::Reader dataOf(const std::string& bytes) {
  return {reinterpret_cast<const capnp::byte*>(bytes.data()), bytes.size()};
}
std::string bytesOf(capnp::Data::Reader data) { return {data.asChars().begin(), data.size()}; }

// Comments come from agents and files: text on the wire has no NUL in it.
std::string textOf(const std::string& comment) { return comment.substr(0, comment.find('\0')); }

}  // namespace

Task<void> IdentityServer::giveKeys(KeysContext context) {
  auto gathered = co_await ring_.gather();
  if (holders_.size() > kMaxHolders) holders_.clear();
  auto results = context.getResults();
  auto list = results.initKeys(static_cast<unsigned>(gathered.keys.size()));
  for (unsigned i = 0; i < list.size(); ++i) {
    const auto& [key, holder] = gathered.keys[i];
    list[i].setBlob(dataOf(key.blob));
    list[i].setComment(textOf(key.comment).c_str());
    holders_[key.blob] = holder;
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
  auto agent = holder->second;
  co_return co_await agent->sign(std::move(blob), std::move(data), std::move(algorithm));
}

}  // namespace cbs::identity
