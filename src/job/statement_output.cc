#include "job/statement_output.h"

#include <exception>
#include <string>
#include <vector>

#include "billing/error.h"
#include "billing/statement.h"
#include "engine/for_each_block.h"
#include "render/statement_writer.h"

namespace billing {
namespace {

/// What one block of sums needs on its way through the pipeline; reused for later blocks.
struct BlockWork {
  SumBlock block;
  std::vector<StatementLine> lines;
  StatementTotals totals;
  std::exception_ptr error;
  std::string text;
  StatementWriter writer;
};

RatingOptions rating_options(const BillJob& job, const BillKey& key) {
  return {key.group_by, job.rounding, &job.prices,
          [cycles = key.cycles](std::int64_t cycle, std::string& out) {
            cycles->append_label(cycle, out);
          },
          key.quantity};
}

StatementFormat format_of(const BillJob& job, const BillKey& key) {
  return {job.output_format, key.group_by, job.rounding.scale, job.csv_safe, key.quantity};
}

using Step = std::function<void(BlockWork&)>;

/// Sends each block of sums through rating and `render`, then in order through `take`. An error of
/// rating is kept until its turn, so that the first in the order of the statement is reported.
StatementTotals rate_each(const Sums& sums, const BillJob& job, const BillKey& key,
                          const JobContext& context, const Step& render, const Step& take) {
  const Rater rater(rating_options(job, key), sums.tasks());
  StatementTotals totals;
  for_each_block<BlockWork>(
      sums, context.checkpoint,
      [&] {
        return BlockWork{{}, {}, {}, {}, {}, {format_of(job, key), sums.tasks(), key.cycles.get()}};
      },
      [&](BlockWork& work) {
        try {
          work.totals = rater.rate(work.block.rows, work.lines);
          render(work);
        } catch (const Error&) {
          work.error = std::current_exception();
        }
      },
      [&](BlockWork& work) {
        if (work.error) std::rethrow_exception(work.error);
        totals += work.totals;
        context.advance(work.totals.calls);
        take(work);
      });
  return totals;
}

}  // namespace

StatementTotals rate_all(const Sums& sums, const BillJob& job, const BillKey& key,
                         const JobContext& context, const SumsObserver& observe) {
  const auto observe_block = [&observe](BlockWork& work) { observe(work.block.rows); };
  return rate_each(sums, job, key, context, observe_block, [](BlockWork&) {});
}

StatementTotals write_statement(const Sums& sums, const BillJob& job, const BillKey& key,
                                JobResult& output, const JobContext& context,
                                const SumsObserver& observe) {
  if (StatementSink* const sink = output.sink()) {
    sink->begin({key.group_by, key.cycles, sums.tasks(), job.rounding, key.quantity});
    return rate_each(
        sums, job, key, context, [&observe](BlockWork& work) { observe(work.block.rows); },
        [sink](BlockWork& work) {
          if (!work.lines.empty()) sink->take(work.lines);
        });
  }
  OutputFile& file = output.file();
  file.append(statement_header(format_of(job, key)));
  return rate_each(
      sums, job, key, context,
      [&observe](BlockWork& work) {
        observe(work.block.rows);
        work.text.clear();
        work.writer.append(work.lines, work.text);
      },
      [&file](BlockWork& work) { file.append(work.text); });
}

}  // namespace billing
