#include "agentd/app/askpass.h"
#include "agentd/app/options.h"
#include "agentd/app/process_setup.h"
#include "agentd/app/run.h"

int main(int argc, char** argv) {
  if (cbs::app::isAskpass()) return cbs::app::runAskpass();
  auto options = cbs::app::readOptions(argc, argv);
  if (int* code = std::get_if<int>(&options)) return *code;
  cbs::app::setUpProcess();
  return cbs::app::run(std::get<cbs::app::Options>(options));
}
