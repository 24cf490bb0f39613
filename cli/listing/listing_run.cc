#include "cli/listing/listing_run.h"

#include "cli/bytes.h"
#include "cli/call_failure.h"

#include <memory>

namespace cbs::cli {
namespace {

class Observer final : public schema::ListingObserver::Server {
 public:
  Observer(std::shared_ptr<Listing> listing, kj::Own<kj::PromiseFulfiller<Error>> end)
      : listing_(std::move(listing)), end_(kj::mv(end)) {}

  kj::Promise<void> files(FilesContext context) override {
    auto params = context.getParams();
    listing_->add(std::string(viewOf(params.getPath())), params.getFiles());
    return kj::READY_NOW;
  }
  kj::Promise<void> failed(FailedContext context) override {
    auto failure = context.getParams().getError();
    listing_->failures.push_back({std::string(viewOf(failure.getPath())), decode(failure.getError())});
    return kj::READY_NOW;
  }
  kj::Promise<void> finished(FinishedContext context) override {
    end_->fulfill(decode(context.getParams().getError()));
    return kj::READY_NOW;
  }

 private:
  std::shared_ptr<Listing> listing_;  // shared with the coroutine
  kj::Own<kj::PromiseFulfiller<Error>> end_;
};

}  // namespace

Task<Listing> runListing(AgentClient& client, ListingRequest request, std::string host) {
  auto listing = std::make_shared<Listing>();
  listing->host = std::move(host);
  auto told = kj::newPromiseAndFulfiller<Error>();
  request.setObserver(kj::heap<Observer>(listing, kj::mv(told.fulfiller)));
  auto call = request.send();
  schema::Transfer::Client running = call.getListing();  // dropping it would cancel the listing
  // An observer that is let go before its end is a sign that whyNoEnd sees as well, and it knows why.
  auto end = told.promise.catch_([](kj::Exception&&) -> kj::Promise<Error> { return kj::NEVER_DONE; })
                 .exclusiveJoin(whyNoEnd(client, call.ignoreResult()));
  listing->error = co_await end;
  co_return std::move(*listing);
}

}  // namespace cbs::cli
