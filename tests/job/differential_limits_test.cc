// The engines against each other at the limits of the forms in which the parallel one keeps usage:
// 16 bits of calls and tasks, 32 bits of quantity and time, and beyond.

#include <gtest/gtest.h>

#include <string>

#include "base/civil_time.h"
#include "engine_comparison.h"

namespace billing {
namespace {

constexpr const char* kLargestDuration = "999999999999999";

std::string repeated(const std::string& text, std::size_t times) {
  std::string all;
  all.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

class DifferentialLimits : public EngineComparison {
 protected:
  DifferentialLimits() {
    job.usage.cycles = cycles("day");
    job.unrated = UnratedPolicy::zero;
  }

  static std::string call(const std::string& user, const std::string& task,
                          const std::string& duration_ms,
                          const std::string& time = "2025-05-02T23:16:50Z") {
    return time + " " + user + " " + task + " 200 " + duration_ms + "ms\n";
  }

  /// Both with sums that come together within a chunk and with sums from many meters.
  bool agree_in_large_and_small_chunks() {
    return agree({{1}, {4, 10'000}, {8, 100'000}, {2, 50'000, true}});
  }
};

TEST_F(DifferentialLimits, MoreCallsThan16BitsCount) {
  for (const std::size_t calls : {65'535U, 65'536U, 140'000U}) {
    read_files({repeated(call("u", "login", "0"), calls), call("v", "login", "1")});
    for (const char* policy : {"day", "calls:3", "calls:70000"}) {
      job.usage.cycles = cycles(policy);
      EXPECT_TRUE(agree_in_large_and_small_chunks()) << calls << " " << policy;
    }
  }
}

TEST_F(DifferentialLimits, AQuantityOf32BitsAndMore) {
  read_files({call("u", "login", "4294967295") + call("v", "login", "4294967294"),
              call("v", "login", "1") + call("w", "login", "4294967295"),
              call("w", "login", "1") + call("x", "login", "4294967296")});
  for (const char* policy : {"day", "calls:1", "calls:3"}) {
    job.usage.cycles = cycles(policy);
    for (const GroupBy& group_by : all_group_bys()) {
      job.usage.group_by = group_by;
      EXPECT_TRUE(agree({{1}, {1, 1}, {4, 1}, {4, 1, true}}));
    }
  }
}

TEST_F(DifferentialLimits, ManyCallsOfManyUsersReach32BitsOfQuantity) {
  std::string log;
  for (int i = 0; i < 60'000; ++i) log += call("u" + std::to_string(i % 7), "login", "99999999");
  read_files({log, log});
  for (const char* policy : {"day", "calls:100"}) {
    job.usage.cycles = cycles(policy);
    EXPECT_TRUE(agree_in_large_and_small_chunks());
  }
}

TEST_F(DifferentialLimits, TimesAtTheEndsOf32BitsOfSeconds) {
  std::string log;
  for (const char* time :
       {"1970-01-01T00:00:00+00:01", "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000000001Z",
        "1970-01-01T00:00:00.999999999+00:01", "2106-02-07T06:28:15Z", "2106-02-07T06:28:16Z",
        "2261-12-31T23:59:59.999999999-23:59"}) {
    log += call("u", "login", "3", time) + call("u", "a", "4", time) + call("v", "z", "5", time);
  }
  read_file(log);
  for (const char* policy :
       {"calls:1", "calls:2", "hour", "day", "year", "every:1s", "every:7h", "all"}) {
    job.usage.cycles = cycles(policy, "America/New_York");
    for (const GroupBy& group_by : all_group_bys()) {
      job.usage.group_by = group_by;
      EXPECT_TRUE(agree({{1}, {1, 1}, {4, 1}, {4, 60, true}})) << policy;
    }
  }
}

TEST_F(DifferentialLimits, EventsThatTieAreOrderedByTaskStatusAndQuantity) {
  std::string log;
  for (const char* quantity : {"30", "4", "123456789012"}) {
    for (const char* status : {"500", "100", "200"}) {
      for (const char* task : {"b", "a", "ab", "B"})
        log +=
            std::string("2025-05-02T23:16:50Z u ") + task + " " + status + " " + quantity + "ms\n";
    }
  }
  read_file(log);
  for (const char* policy : {"calls:1", "calls:2", "calls:5", "calls:7"}) {
    job.usage.cycles = cycles(policy);
    EXPECT_TRUE(agree({{1}, {4, 1}, {2, 100, true}})) << policy;
  }
}

TEST_F(DifferentialLimits, MoreTasksThan16BitsNumber) {
  for (const int tasks : {65'536, 65'537, 70'000}) {
    std::string log;
    for (int i = 0; i < tasks; ++i)
      log += call("u" + std::to_string(i % 3), "t" + std::to_string(i), "9");
    read_files({log, call("u1", "t7", "1") + call("u1", "t69999", "2")});
    for (const char* policy : {"day", "calls:4"}) {
      job.usage.cycles = cycles(policy);
      EXPECT_TRUE(agree({{1}, {3, 50'000}})) << policy << " " << tasks;
    }
  }
}

TEST_F(DifferentialLimits, OneUserWithManyCycles) {
  std::string log;
  for (int i = 0; i < 30'000; ++i) {
    std::string time;
    append_timestamp((1'746'000'000 + i * 7919 % 24'000) * kNanosecondsPerSecond, time);
    log += call("u", i % 3 == 0 ? "login" : "b", std::to_string(i), time);
  }
  read_file(log);
  for (const char* policy :
       {"every:1s", "calls:1", "calls:4", "calls:5000", "calls:10000", "all"}) {
    job.usage.cycles = cycles(policy);
    for (const GroupBy& group_by : all_group_bys()) {
      job.usage.group_by = group_by;
      EXPECT_TRUE(agree({{2, 100'000}})) << policy;
    }
  }
}

TEST_F(DifferentialLimits, AllUsersDistinct) {
  std::string log;
  for (int i = 0; i < 40'000; ++i)
    log +=
        call(std::string(static_cast<std::size_t>(i % 30), 'x') + std::to_string(i), "login", "7");
  read_file(log);
  for (const char* policy : {"day", "calls:5"}) {
    job.usage.cycles = cycles(policy);
    for (const GroupBy& group_by : all_group_bys()) {
      job.usage.group_by = group_by;
      EXPECT_TRUE(agree({{1}, {4, 20'000}})) << policy;
    }
  }
}

TEST_F(DifferentialLimits, AQuantityJustBelowItsLimit) {
  read_file(repeated(call("u", "login", kLargestDuration), 9223));
  job.prices = prices({{"login", "0.000000000001"}});
  EXPECT_TRUE(agree_in_large_and_small_chunks());
  EXPECT_EQ(parallel({4, 10'000}).error, "");
}

TEST_F(DifferentialLimits, AQuantityBeyondItsLimitNamesTheKey) {
  for (const std::size_t calls : {9224U, 20'000U}) {
    read_file(call("a", "login", "1") + repeated(call("u", "login", kLargestDuration), calls));
    for (const GroupBy& group_by : all_group_bys()) {
      job.usage.group_by = group_by;
      EXPECT_TRUE(agree_in_large_and_small_chunks());
      EXPECT_NE(parallel({4, 10'000}).error, "");
    }
  }
}

TEST_F(DifferentialLimits, AQuantityBeyond64BitsIsAnError) {
  read_file(repeated(call("u", "login", kLargestDuration), 20'000));
  EXPECT_TRUE(agree_in_large_and_small_chunks());
  EXPECT_NE(parallel({4, 10'000}).error, "");
}

TEST_F(DifferentialLimits, ACostBeyondItsLimitNamesTheKey) {
  job.prices = prices({{"login", "999999999999999.999999999999"}});
  read_file(call("a", "login", "1") + call("u", "login", kLargestDuration) +
            call("z", "login", "1"));
  for (const GroupBy& group_by : all_group_bys()) {
    job.usage.group_by = group_by;
    EXPECT_TRUE(agree({{1}, {3, 1}}));
    EXPECT_NE(parallel({2, 1}).error, "");
  }
}

TEST_F(DifferentialLimits, OfManyKeysBeyondTheLimitTheFirstIsNamed) {
  job.prices = prices({{"login", "999999999999999.999999999999"}});
  job.usage.group_by = {true, false, false};
  std::string log;
  for (int i = 0; i < 60'000; ++i)
    log += call("u" + std::to_string(100'000 + i), "login", i < 4000 ? "1" : kLargestDuration);
  read_file(log);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(agree({{2, 100'000}, {4, 100'000}, {8, 100'000}}));
  EXPECT_NE(naive().error.find("u104000"), std::string::npos) << naive().error;
}

TEST_F(DifferentialLimits, LinesThatAddUpToTooMuchMoney) {
  job.prices = prices({{"login", "1000000000"}});
  job.usage.group_by = {true, false, false};
  std::string log;
  for (int i = 0; i < 20'000; ++i) log += call("u" + std::to_string(i), "login", kLargestDuration);
  read_file(log);
  EXPECT_TRUE(agree({{4, 100'000}}));
  EXPECT_NE(naive().error, "");
}

}  // namespace
}  // namespace billing
