// Where a command's output and outcome arrive.
#pragma once

#include "common/error.h"
#include "schema/agent.capnp.h"

#include <cbsession/types.h>

#include <exception>
#include <memory>

namespace cbs::client {

// What has come of a command.
struct Output {
  explicit Output(cbsession::ExecOptions options) : options(std::move(options)) {}

  // The result after `end`, which is why no outcome came if it is an error: then the command's fate is unknown if it is
  // lost, and it is the error otherwise. Throws what onOutput has thrown.
  Expected<cbsession::Result> finish(Expected<void> end);

  cbsession::ExecOptions options;
  cbsession::Result result = {};
  std::exception_ptr thrown = nullptr;
  bool over = false;  // nobody wants any more
};

class OutputKeeper final : public schema::OutputSink::Server {
 public:
  using Told = kj::Own<kj::PromiseFulfiller<Expected<void>>>;
  // `told` is fulfilled when the outcome has come, or onOutput has thrown something.
  OutputKeeper(std::shared_ptr<Output> output, Told told) : output_(std::move(output)), told_(kj::mv(told)) {}

  kj::Promise<void> write(WriteContext context) override;
  kj::Promise<void> finished(FinishedContext context) override;

 private:
  void keepAndPass(cbsession::Stream stream, std::string_view bytes);

  std::shared_ptr<Output> output_;
  Told told_;
};

}  // namespace cbs::client
