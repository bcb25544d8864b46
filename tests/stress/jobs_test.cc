// Jobs at once in one process: the threads of one are no matter of the others.

#include <gtest/gtest.h>
#include <oneapi/tbb/global_control.h>

#include <chrono>
#include <condition_variable>
#include <future>
#include <latch>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>

#include "job/engine_comparison.h"

namespace billing {
namespace {

/// Counts the threads that come by. Each waits for so many others, but not for long: it may be in
/// the way of those that it waits for.
class Roll {
 public:
  explicit Roll(std::size_t awaited) : awaited_(awaited) {}

  void call() {
    std::unique_lock lock(mutex_);
    seen_.insert(std::this_thread::get_id());
    all_here_.notify_all();
    all_here_.wait_for(lock, std::chrono::milliseconds(10),
                       [this] { return seen_.size() >= awaited_; });
  }

  std::size_t size() {
    const std::lock_guard lock(mutex_);
    return seen_.size();
  }

 private:
  const std::size_t awaited_;
  std::mutex mutex_;
  std::condition_variable all_here_;
  std::set<std::thread::id> seen_;
};

class JobsStress : public testing::Test {
 protected:
  JobsStress() : folder_(testing::TempDir() + "/billing_jobs_XXXXXX") {
    EXPECT_NE(::mkdtemp(folder_.data()), nullptr);
    std::ofstream log(folder_ + "/log", std::ios::binary);
    for (int i = 0; i < 20'000; ++i)
      log << "2025-05-02T23:16:50Z user" << i % 100 << " login 200 1568ms\n";
  }
  ~JobsStress() override { std::filesystem::remove_all(folder_); }

  /// In a hundred chunks.
  AggregateJob job(const std::string& output, unsigned threads) const {
    AggregateJob job;
    job.inputs = {folder_ + "/log"};
    job.output = folder_ + "/" + output;
    job.usage.cycles = cycles("calls:5");
    job.prices = prices({{"login", "0.005"}});
    job.threads = threads;
    job.chunk_bytes = 10'000;
    return job;
  }

  /// How many threads of the job read the log.
  static std::size_t readers(const AggregateJob& job, std::size_t awaited) {
    Roll roll(awaited);
    JobHooks hooks;
    hooks.progress = [&roll](const Progress& progress) {
      if (progress.pass == "reading") roll.call();
    };
    aggregate(job, hooks);
    return roll.size();
  }

 private:
  std::string folder_;
};

TEST_F(JobsStress, AJobHasItsThreadsBesideOneThatHasFewer) {
  // As a host says it that wants more threads than this machine may have processors.
  const tbb::global_control permit(tbb::global_control::max_allowed_parallelism, 8);
  std::latch held(1);
  std::promise<void> released;
  JobHooks hooks;
  hooks.cancelled = [&, is_first = true, release = released.get_future().share()]() mutable {
    if (std::exchange(is_first, false)) held.count_down();
    release.wait();
    return false;
  };
  std::thread other([&] { aggregate(job("held", 1), hooks); });
  held.wait();
  EXPECT_EQ(readers(job("first", 2), 2), 2u);
  EXPECT_EQ(readers(job("second", 4), 4), 4u);
  EXPECT_EQ(readers(job("third", 1), 2), 1u);
  released.set_value();
  other.join();
}

}  // namespace
}  // namespace billing
