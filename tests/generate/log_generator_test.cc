#include "generate/log_generator.h"

#include <gtest/gtest.h>
#include <oneapi/tbb/global_control.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "billing/error.h"

namespace billing {
namespace {

using Order = LogGeneratorOptions::Order;

std::string generate(const LogGeneratorOptions& options, unsigned threads = 1) {
  std::string log;
  generate_log(options, threads, [&](std::string_view bytes) { log += bytes; });
  return log;
}

std::vector<std::string> lines_of(const std::string& log) {
  std::vector<std::string> lines;
  std::istringstream stream(log);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// FNV-1a
std::uint64_t hash_of(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

/// The text in a column of a line, the first being 0.
std::string column_of(const std::string& line, int column) {
  std::istringstream stream(line);
  std::string text;
  for (int i = 0; i <= column; ++i) stream >> text;
  return text;
}

/// How often each text of a column stands in the log.
std::map<std::string, double> count_column(const std::vector<std::string>& lines, int column) {
  std::map<std::string, double> counts;
  for (const std::string& line : lines) ++counts[column_of(line, column)];
  return counts;
}

/// Five standard deviations of a count: chance goes beyond once in two million.
double allowance(double records, double share) {
  return 5 * std::sqrt(records * share * (1 - share));
}

TEST(LogGenerator, WritesTheLinesItAlwaysWrote) {
  LogGeneratorOptions options{.records = 5, .users = 1000};
  EXPECT_EQ(generate(options),
            "2025-05-01T00:00:00Z user863 getUserProfile 201 1294ms\n"
            "2025-05-07T04:48:00Z user778 getUserProfile 200 1655ms\n"
            "2025-05-13T09:36:00Z user247 login 400 794ms\n"
            "2025-05-19T14:24:00Z user928 login 200 1234ms\n"
            "2025-05-25T19:12:00Z user356 deleteOrder 401 960ms\n");
  options.order = Order::shuffled;
  options.zipf_exponent = 1.2;
  EXPECT_EQ(generate(options),
            "2025-05-30T06:00:42Z user1 getUserProfile 201 1294ms\n"
            "2025-05-25T00:09:10Z user2 getUserProfile 200 1655ms\n"
            "2025-05-08T13:27:58Z user63 login 400 794ms\n"
            "2025-05-25T07:02:10Z user1 login 200 1234ms\n"
            "2025-05-25T18:23:22Z user26 deleteOrder 401 960ms\n");
}

TEST(LogGenerator, WritesTheBytesItAlwaysWrote) {
  // The first four come from a second program too, in Python, with SplitMix64 run step by step and
  // the power law in decimals of 50 digits.
  LogGeneratorOptions options{.records = 20'000, .users = 1'000'000};
  EXPECT_EQ(hash_of(generate(options)), 0xd99d2fd922edefcbU);
  options.zipf_exponent = 0.8;
  EXPECT_EQ(hash_of(generate(options)), 0xe9f3a4b6f6019e48U);
  options.zipf_exponent = 1;
  EXPECT_EQ(hash_of(generate(options)), 0x26ed40d1df45fa7fU);
  options.zipf_exponent = 1.5;
  EXPECT_EQ(hash_of(generate(options)), 0xd3674346350122b2U);
  options.order = Order::shuffled;
  options.bad_ppm = 100'000;
  EXPECT_EQ(hash_of(generate(options)), 0xa6f58f7b7e2437ffU);
}

TEST(LogGenerator, GivesTheSameBytesForEveryNumberOfThreads) {
  const LogGeneratorOptions options{.records = 100'000,
                                    .users = 5000,
                                    .zipf_exponent = 1.1,
                                    .order = Order::shuffled,
                                    .bad_ppm = 50'000};
  const tbb::global_control permit(tbb::global_control::max_allowed_parallelism, 8);
  const std::string log = generate(options, 1);
  for (const unsigned threads : {2U, 3U, 8U}) {
    EXPECT_TRUE(generate(options, threads) == log) << threads << " threads";
  }
}

TEST(LogGenerator, GivesTheSameBytesHoweverItsRangeIsCut) {
  for (const Order order : {Order::time, Order::shuffled}) {
    const LogGeneratorOptions options{
        .records = 3000, .users = 5000, .order = order, .bad_ppm = 50'000};
    const LogGenerator generator(options);
    std::vector<char> buffer(generator.max_size_bytes(options.records));
    std::string pieces;
    for (std::uint64_t first = 0, size = 0; first < options.records; first += size) {
      size = std::min(first % 7 + first / 3 + 1, options.records - first);
      pieces.append(buffer.data(), generator.write(first, first + size, buffer));
    }
    EXPECT_TRUE(pieces == generate(options));
  }
}

TEST(LogGenerator, CallsItsSinkForOneBlockAtATime) {
  const LogGeneratorOptions options{.records = 200'000};
  std::mutex busy;
  std::uint64_t bytes = 0;
  generate_log(options, 3, [&](std::string_view block) {
    const std::unique_lock lock(busy, std::try_to_lock);
    EXPECT_TRUE(lock.owns_lock());
    bytes += block.size();
  });
  EXPECT_EQ(bytes, generate(options).size());
}

TEST(LogGenerator, PassesOnWhatTheSinkThrows) {
  const auto full = [](std::string_view) { throw std::runtime_error("disk full"); };
  EXPECT_THROW(generate_log({.records = 50'000}, 2, full), std::runtime_error);
}

TEST(LogGenerator, WritesNothingForNoRecords) {
  const auto never = [](std::string_view) { FAIL(); };
  generate_log({.records = 0}, 2, never);
}

TEST(LogGenerator, SharesRecordsOutAsItPromises) {
  constexpr double kRecords = 400'000;
  const auto lines = lines_of(generate({.records = 400'000, .users = 10}));

  const auto users = count_column(lines, 1);
  EXPECT_EQ(users.size(), 10U);
  for (const auto& [user, count] : users) {
    EXPECT_NEAR(count, kRecords / 10, allowance(kRecords, 0.1)) << user;
  }
  const auto tasks = count_column(lines, 2);
  EXPECT_EQ(tasks.size(), 5U);
  for (const char* task :
       {"login", "getUserProfile", "createOrder", "updateInventory", "deleteOrder"}) {
    EXPECT_NEAR(tasks.at(task), kRecords / 5, allowance(kRecords, 0.2)) << task;
  }
  const std::map<std::string, double> shares = {{"200", 0.80},  {"201", 0.05}, {"400", 0.05},
                                                {"401", 0.025}, {"404", 0.05}, {"500", 0.025}};
  const auto statuses = count_column(lines, 3);
  EXPECT_EQ(statuses.size(), shares.size());
  for (const auto& [status, share] : shares) {
    EXPECT_NEAR(statuses.at(status), kRecords * share, allowance(kRecords, share)) << status;
  }
  const auto durations = count_column(lines, 4);
  EXPECT_EQ(durations.size(), 1951U);
  EXPECT_EQ(durations.count("50ms") + durations.count("2000ms"), 2U);
  for (const auto& [duration, count] : durations) {
    EXPECT_NEAR(count, kRecords / 1951, 1.2 * allowance(kRecords, 1.0 / 1951)) << duration;
  }
}

TEST(LogGenerator, FollowsTheZipfLawInItsUsers) {
  constexpr double kRecords = 100'000;
  const auto users =
      count_column(lines_of(generate({.records = 100'000, .users = 1000, .zipf_exponent = 1})), 1);
  const double share_of_first = std::log(2.0) / std::log(1001.0);
  EXPECT_NEAR(users.at("user1"), kRecords * share_of_first, allowance(kRecords, share_of_first));
  EXPECT_GT(users.at("user1"), users.at("user2"));
  EXPECT_GT(users.at("user2"), users.at("user4"));
}

TEST(LogGenerator, KnowsOneUserWhereThereIsOne) {
  for (const double exponent : {0.0, 1.0, 2.0}) {
    const auto lines = lines_of(generate({.records = 1000, .users = 1, .zipf_exponent = exponent}));
    EXPECT_EQ(count_column(lines, 1), (std::map<std::string, double>{{"user1", 1000}}));
  }
}

TEST(LogGenerator, WritesUserNumbersOfEveryLength) {
  std::set<std::size_t> sizes;
  for (const std::string& line :
       lines_of(generate({.records = 20'000, .users = ZipfRanks::kMaxUsers, .zipf_exponent = 1}))) {
    const std::string user = column_of(line, 1);
    ASSERT_EQ(user.substr(0, 4), "user");
    ASSERT_EQ(user.find_first_not_of("0123456789", 4), std::string::npos) << user;
    ASSERT_NE(user[4], '0') << user;
    sizes.insert(user.size() - 4);
  }
  EXPECT_EQ(sizes, (std::set<std::size_t>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}));
}

TEST(LogGenerator, SpreadsOrderedTimesEvenlyOverTheRange) {
  // Thirty records over ten seconds that hold a leap day's end: three each second.
  const LogGeneratorOptions options{
      .records = 30, .start_s = 1'709'251'195, .end_s = 1'709'251'205, .order = Order::time};
  const auto times = count_column(lines_of(generate(options)), 0);
  EXPECT_EQ(times.size(), 10U);
  EXPECT_EQ(times.begin()->first, "2024-02-29T23:59:55Z");
  EXPECT_EQ(times.rbegin()->first, "2024-03-01T00:00:04Z");
  for (const auto& [time, count] : times) EXPECT_EQ(count, 3) << time;
}

TEST(LogGenerator, NeverGoesBackWithOrderedTimes) {
  // More seconds than records, more records than seconds; both with a remainder.
  for (const std::int64_t span_s : {std::int64_t{100'003}, std::int64_t{977}}) {
    const LogGeneratorOptions options{
        .records = 10'007, .start_s = 1'000'000'000, .end_s = 1'000'000'000 + span_s};
    const auto lines = lines_of(generate(options));
    EXPECT_EQ(lines.front().substr(0, 20), "2001-09-09T01:46:40Z");
    for (std::size_t i = 1; i < lines.size(); ++i) {
      ASSERT_LE(lines[i - 1].substr(0, 20), lines[i].substr(0, 20)) << "line " << i;
    }
  }
}

TEST(LogGenerator, StaysWithinTheRangeWithShuffledTimes) {
  const auto times = count_column(lines_of(generate({.records = 10'000,
                                                     .start_s = 1'709'251'195,
                                                     .end_s = 1'709'251'205,
                                                     .order = Order::shuffled})),
                                  0);
  EXPECT_EQ(times.size(), 10U);
  EXPECT_EQ(times.begin()->first, "2024-02-29T23:59:55Z");
  EXPECT_EQ(times.rbegin()->first, "2024-03-01T00:00:04Z");
  for (const auto& [time, count] : times) EXPECT_NEAR(count, 1000, allowance(10'000, 0.1)) << time;
}

TEST(LogGenerator, LeavesTheOtherFieldsAloneWhenTheOrderChanges) {
  LogGeneratorOptions options{.records = 1000, .order = Order::time};
  const auto ordered = lines_of(generate(options));
  options.order = Order::shuffled;
  const auto shuffled = lines_of(generate(options));
  for (std::size_t i = 0; i < ordered.size(); ++i) {
    ASSERT_EQ(ordered[i].substr(20), shuffled[i].substr(20));
  }
}

TEST(LogGenerator, GivesOtherRecordsForAnotherSeed) {
  EXPECT_NE(generate({.records = 100, .seed = 1}), generate({.records = 100, .seed = 2}));
}

TEST(LogGenerator, RefusesOptionsOutsideTheirLimits) {
  const std::vector<LogGeneratorOptions> wrong = {
      {.records = LogGeneratorOptions::kMaxRecords + 1},
      {.users = 0},
      {.zipf_exponent = 11},
      {.zipf_exponent = std::nan("")},
      {.start_s = -1},
      {.start_s = 5, .end_s = 5},
      {.end_s = LogGeneratorOptions::kMaxEndS + 1},
      {.bad_ppm = 1'000'001},
  };
  for (const LogGeneratorOptions& options : wrong) {
    EXPECT_EQ(mistakes_in(options).size(), 1U);
    EXPECT_THROW(LogGenerator{options}, Error);
  }
  EXPECT_THROW(generate_log({.records = 1}, 0, [](std::string_view) {}), std::invalid_argument);
}

TEST(LogGenerator, NamesAllMistakesInItsOptionsTogether) {
  try {
    const LogGenerator generator({.users = 0, .zipf_exponent = -1});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::configuration);
    EXPECT_STREQ(error.what(), "users: 1 to 1000000000000\nzipf: 0 to 10");
  }
}

TEST(LogGenerator, RefusesARangeOrABufferThatDoesNotFit) {
  const LogGenerator generator({.records = 10});
  std::vector<char> buffer(generator.max_size_bytes(10));
  EXPECT_EQ(generator.write(3, 3, buffer), 0U);
  EXPECT_THROW(generator.write(5, 11, buffer), std::invalid_argument);
  EXPECT_THROW(generator.write(5, 4, buffer), std::invalid_argument);
  EXPECT_THROW(generator.write(0, 10, {buffer.data(), buffer.size() - 1}), std::invalid_argument);
}

}  // namespace
}  // namespace billing
