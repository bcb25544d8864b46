#pragma once

// A pass over sums on all threads.

#include <oneapi/tbb/concurrent_queue.h>
#include <oneapi/tbb/parallel_pipeline.h>
#include <oneapi/tbb/task_arena.h>

#include <deque>
#include <functional>

#include "billing/sums.h"

namespace billing {

/// Sends each block through `work`, by any thread, then in order through `take`, by one at a time.
/// A Work has a SumBlock `block` and whatever the steps need; it is reused for later blocks, and
/// made by `make`. `checkpoint` is called before each block. Runs on the TBB threads of the calling
/// arena; exceptions pass through.
template <class Work>
void for_each_block(const Sums& sums, const std::function<void()>& checkpoint,
                    const std::function<Work()>& make, const std::function<void(Work&)>& work,
                    const std::function<void(Work&)>& take) {
  using tbb::filter_mode;
  const std::unique_ptr<SumReader> reader = sums.read();
  std::deque<Work> all;  // touched by the first step only
  tbb::concurrent_queue<Work*> idle;
  const auto begin_step = [&](tbb::flow_control& control) -> Work* {
    checkpoint();
    Work* next = nullptr;
    if (!idle.try_pop(next)) next = &all.emplace_back(make());
    if (reader->next(next->block)) return next;
    control.stop();
    return nullptr;
  };
  const auto work_step = [&](Work* at) {
    reader->load(at->block);
    work(*at);
    return at;
  };
  const auto take_step = [&](Work* at) {
    take(*at);
    idle.push(at);
  };
  const auto tokens = static_cast<std::size_t>(tbb::this_task_arena::max_concurrency()) * 4;
  tbb::parallel_pipeline(
      tokens, tbb::make_filter<void, Work*>(filter_mode::serial_in_order, begin_step) &
                  tbb::make_filter<Work*, Work*>(filter_mode::parallel, work_step) &
                  tbb::make_filter<Work*, void>(filter_mode::serial_in_order, take_step));
}

}  // namespace billing
