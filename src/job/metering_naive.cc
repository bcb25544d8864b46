#include "io/fd_stream.h"
#include "job/metering.h"
#include "naive/naive_engine.h"

namespace billing {

Metered meter_naive(std::vector<Input>& inputs, const MeteringContext& context) {
  naive::Options options{context.job.group_by, context.job.cycles.get(), context.job.filter, {}};
  if (context.job.unrated == UnratedPolicy::reject) {
    options.is_allowed = [&prices = context.job.prices](std::string_view task) {
      return prices.find(task) != nullptr;
    };
  }
  naive::Engine engine(options);
  Metered metered;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    FdStream stream(inputs[i], context.checkpoint);
    metered.totals.push_back(engine.add(
        stream, [&](const RejectedRecord& reject) { context.rejects.add_in_order(i, reject); }));
  }
  context.timer.passed("read");
  metered.sums = engine.finish();
  context.timer.passed("sum");
  return metered;
}

}  // namespace billing
