// Whole jobs under many threads: statements of many blocks, rejects, and jobs beside each other.

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "job/engine_comparison.h"
#include "job/hostile_log.h"

namespace billing {
namespace {

class StatementStress : public EngineComparison {
 protected:
  StatementStress() { job.unrated = UnratedPolicy::zero; }

  static std::string calls_of_many_users(int calls) {
    std::string log;
    for (int i = 0; i < calls; ++i) {
      log += "2025-05-02T23:1" + std::to_string(i % 7) + ":00Z user" +
             std::to_string(i * 7919 % 20'011) + " login 200 " + std::to_string(i) + "ms\n";
    }
    return log;
  }
};

TEST_F(StatementStress, AStatementOfManyBlocksIsThatOfTheBaseline) {
  read_file(calls_of_many_users(60'000));
  for (const GroupBy& group_by : all_group_bys()) {
    job.usage.group_by = group_by;
    EXPECT_TRUE(agree({{8, 20'000}}));
  }
}

TEST_F(StatementStress, AnOutputThatIsWrittenDirectlyIsTheSame) {
  read_file(calls_of_many_users(30'000));
  const std::string expected = naive().statement;
  job.output = at("pipe");
  ASSERT_EQ(::mkfifo(job.output.c_str(), 0600), 0);
  for (const unsigned threads : {1U, 8U}) {
    std::string piped;
    std::jthread reader([&] {
      std::ifstream pipe(at("pipe"), std::ios::binary);
      piped.assign(std::istreambuf_iterator<char>(pipe), {});
    });
    EXPECT_EQ(parallel({threads, 20'000}).error, "");
    reader.join();
    EXPECT_EQ(piped, expected);
  }
}

TEST_F(StatementStress, HostileLogsUnderManyThreads) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    HostileLog random(seed);
    read_files({random.text(400).substr(0, 60'000), random.text(100)});
    ASSERT_TRUE(agree({{8, 100}, {8, 50, false, true}})) << seed;
  }
}

TEST_F(StatementStress, ManyKeysOverflowAtOnce) {
  job.prices = prices({{"login", "999999999999999.999999999999"}});
  std::string log;
  for (int i = 0; i < 20'000; ++i)
    log += "2025-05-02T23:10:00Z user" + std::to_string(i) + " login 200 999999999999999ms\n";
  read_file(log);
  EXPECT_TRUE(agree({{8, 20'000}}));
}

TEST_F(StatementStress, AJobThatIsCancelledInTheMiddleEnds) {
  read_file(calls_of_many_users(30'000));
  std::atomic<int> left = 50;
  hooks.cancelled = [&left] { return --left < 0; };
  for (int i = 0; i < 10; ++i) {
    left = 10 + i * 5;
    EXPECT_EQ(parallel({8, 20'000}).error, "130: interrupted; no result was written");
  }
}

}  // namespace
}  // namespace billing
