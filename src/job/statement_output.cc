#include "job/statement_output.h"

#include <oneapi/tbb/concurrent_queue.h>
#include <oneapi/tbb/parallel_pipeline.h>
#include <oneapi/tbb/task_arena.h>

#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "billing/error.h"
#include "billing/statement.h"
#include "render/statement_writer.h"

namespace billing {
namespace {

/// What one block needs on its way; kept for the next block.
struct BlockWork {
  BlockWork(const StatementFormat& format, const Sums& sums, const CyclePolicy* cycles)
      : writer(format, sums.tasks(), cycles) {}

  std::size_t block = 0;
  std::vector<Sum> rows;
  std::vector<StatementLine> lines;
  StatementTotals totals;
  std::exception_ptr error;
  std::string text;
  StatementWriter writer;
};

RatingOptions rating_options(const AggregateJob& job) {
  return {job.group_by, job.rounding, &job.prices,
          [cycles = job.cycles](std::int64_t cycle, std::string& out) {
            cycles->append_label(cycle, out);
          }};
}

/// Sends each block of sums through rating and `render`, then in order through `take`.
class BlockPipeline {
 public:
  using Step = std::function<void(BlockWork&)>;

  BlockPipeline(const Sums& sums, const AggregateJob& job, const std::function<void()>& checkpoint)
      : sums_(sums),
        format_{job.output_format, job.group_by, job.rounding.scale, job.csv_safe},
        cycles_(job.cycles.get()),
        rater_(rating_options(job), sums.tasks()),
        checkpoint_(checkpoint) {}

  StatementTotals run(const Step& render, const Step& take) {
    using tbb::filter_mode;
    using Work = BlockWork*;
    const auto begin_step = tbb::make_filter<void, Work>(
        filter_mode::serial_in_order,
        [this](tbb::flow_control& control) { return begin_block(control); });
    const auto rate_step = tbb::make_filter<Work, Work>(filter_mode::parallel, [&](Work work) {
      rate_block(*work, render);
      return work;
    });
    const auto take_step =
        tbb::make_filter<Work, void>(filter_mode::serial_in_order, [&](Work work) {
          if (work->error) std::rethrow_exception(work->error);
          totals_ += work->totals;
          take(*work);
          idle_.push(work);
        });
    const auto tokens = static_cast<std::size_t>(tbb::this_task_arena::max_concurrency()) * 4;
    tbb::parallel_pipeline(tokens, begin_step & rate_step & take_step);
    return totals_;
  }

 private:
  BlockWork* begin_block(tbb::flow_control& control) {
    if (next_block_ == sums_.block_count()) {
      control.stop();
      return nullptr;
    }
    checkpoint_();
    BlockWork* const work = idle_work();
    work->block = next_block_++;
    return work;
  }

  /// An error is kept until its turn, so that the first in the order of the statement is reported.
  void rate_block(BlockWork& work, const Step& render) const {
    sums_.read_block(work.block, work.rows);
    try {
      work.totals = rater_.rate(work.rows, work.lines);
    } catch (const Error&) {
      work.error = std::current_exception();
      return;
    }
    render(work);
  }

  /// Called by one thread at a time.
  BlockWork* idle_work() {
    BlockWork* work = nullptr;
    if (idle_.try_pop(work)) return work;
    return all_.emplace_back(std::make_unique<BlockWork>(format_, sums_, cycles_)).get();
  }

  const Sums& sums_;
  StatementFormat format_;
  const CyclePolicy* cycles_;
  Rater rater_;
  const std::function<void()>& checkpoint_;
  std::size_t next_block_ = 0;
  StatementTotals totals_;
  std::vector<std::unique_ptr<BlockWork>> all_;
  tbb::concurrent_queue<BlockWork*> idle_;
};

}  // namespace

StatementTotals rate_all(const Sums& sums, const AggregateJob& job,
                         const std::function<void()>& checkpoint) {
  const BlockPipeline::Step nothing = [](BlockWork&) {};
  return BlockPipeline(sums, job, checkpoint).run(nothing, nothing);
}

StatementTotals write_statement(const Sums& sums, const AggregateJob& job, OutputFile& output,
                                const std::function<void()>& checkpoint) {
  output.append(
      statement_header({job.output_format, job.group_by, job.rounding.scale, job.csv_safe}));
  return BlockPipeline(sums, job, checkpoint)
      .run(
          [](BlockWork& work) {
            work.text.clear();
            work.writer.append(work.lines, work.text);
          },
          [&output](BlockWork& work) { output.append(work.text); });
}

}  // namespace billing
