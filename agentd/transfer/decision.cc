#include "agentd/transfer/decision.h"

#include "common/entry_path.h"

#include <string>
#include <utility>

namespace cbs::transfer {
namespace {

using What = Decision::What;

Decision inTheWay(const Entry& entry, const char* what) {
  std::string detail = std::string(nameOf(entry.path)) + " is in the way: " + what;
  return {What::FAIL, false, {ErrorKind::TRANSFER_FAILED, Reason::ALREADY_EXISTS, std::move(detail)}};
}

Decision decideFolder(const Entry& entry, const std::optional<Entry>& there) {
  if (!there) return {What::MAKE};
  if (there->kind == Kind::DIRECTORY) return {What::MAKE, true};
  return inTheWay(entry, "it is not a folder");
}

Decision decideLink(const Entry& entry, const std::optional<Entry>& there) {
  if (!there) return {What::MAKE};
  if (there->kind == Kind::DIRECTORY) return inTheWay(entry, "it is a folder");
  bool same = there->kind == Kind::LINK && there->target == entry.target;
  return {same ? What::UNCHANGED : What::MAKE};
}

Decision decideFile(const Entry& entry, const std::optional<Entry>& there, const Options& options) {
  const What replace = entry.sameAs.empty() ? What::MOVE : What::LINK;
  if (!there) return {replace};
  if (there->kind == Kind::DIRECTORY) return inTheWay(entry, "it is a folder");
  if (there->kind != Kind::FILE || there->size != entry.size) return {replace};
  if (options.checksum) return {What::COMPARE};
  bool same = options.recursive && there->mtimeS == entry.mtimeS;
  return {same ? What::UNCHANGED : replace};
}

}  // namespace

Decision decide(const Entry& entry, const Sink::Standing& standing, const Options& options) {
  if (entry.kind == Kind::OTHER) {
    const char* why = "neither a file, a folder nor a link";
    return {What::SKIP, false, {ErrorKind::TRANSFER_FAILED, Reason::UNSPECIFIED, why}};
  }
  if (!standing) return {What::FAIL, false, standing.error()};
  if (entry.kind == Kind::DIRECTORY) return decideFolder(entry, *standing);
  if (entry.kind == Kind::LINK) return decideLink(entry, *standing);
  return decideFile(entry, *standing, options);
}

bool endsTransfer(const Error& error) {
  return error.kind != ErrorKind::TRANSFER_FAILED || error.reason == Reason::CONNECTION_LOST ||
         error.reason == Reason::SFTP_UNAVAILABLE || error.reason == Reason::NO_SPACE;
}

}  // namespace cbs::transfer
