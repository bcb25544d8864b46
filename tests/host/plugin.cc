// What another language would call: a log to a bill of one rate. Returns the program's exit code.

#include <billing/aggregate.h>
#include <billing/cycle_policy.h>
#include <billing/error.h>

#include <cstdio>
#include <string>
#include <vector>

extern "C" int bill_log(const char* log, const char* bill, const char* task, const char* rate) {
  try {
    std::vector<std::string> mistakes;
    billing::AggregateJob job;
    job.inputs = {log};
    job.output = bill;
    job.prices = billing::PriceBook::build({{{task, rate, "the caller"}}}, mistakes);
    job.threads = 2;
    billing::aggregate(job, {});
    return 0;
  } catch (const billing::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return error.exit_code();
  }
}
