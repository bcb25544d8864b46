// What must not change a bill, and what must change it in a way one can foresee.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "engine_comparison.h"
#include "hostile_log.h"

namespace billing {
namespace {

using Lines = std::vector<std::string>;

class Metamorphic : public EngineComparison {
 protected:
  Metamorphic() {
    job.output_format = OutputFormat::csv;
    job.unrated = UnratedPolicy::zero;
  }

  /// Hostile lines, each whole with its LF.
  Lines lines(std::size_t count) {
    Lines all;
    while (all.size() < count) {
      HostileLog random(all.size());
      for (int i = 0; i < 20; ++i) all.push_back(random.line() + "\n");
    }
    return all;
  }

  void shuffle(Lines& lines) { std::shuffle(lines.begin(), lines.end(), random_); }

  static std::string joined(const Lines& lines) {
    std::string text;
    for (const std::string& line : lines) text += line;
    return text;
  }

  /// Whole lines to so many files, each to any of them.
  std::vector<std::string> dealt(const Lines& lines, std::size_t files) {
    std::vector<std::string> texts(files);
    for (const std::string& line : lines) texts[random_() % files] += line;
    return texts;
  }

  std::string bill(const Variant& variant = {3, 500}) {
    const Outcome outcome = parallel(variant);
    EXPECT_EQ(outcome.error, "");
    return outcome.statement;
  }

  std::string bill_of(const Lines& lines) {
    read_file(joined(lines));
    return bill();
  }

  /// Calls and quantity of each key of a CSV bill by user, cycle and task.
  using Usage = std::map<std::string, std::pair<std::uint64_t, std::uint64_t>>;
  static void add_up(const std::string& csv, Usage& usage) {
    std::istringstream rows(csv);
    std::string row;
    std::getline(rows, row);
    while (std::getline(rows, row)) {
      const std::size_t cost = row.rfind(',');
      const std::size_t quantity = row.rfind(',', cost - 1);
      const std::size_t calls = row.rfind(',', quantity - 1);
      auto& sum = usage[row.substr(0, calls)];
      sum.first += std::stoull(row.substr(calls + 1));
      sum.second += std::stoull(row.substr(quantity + 1));
    }
  }

  std::mt19937_64 random_{1};
};

const std::vector<std::string> kPolicies{"calls:1", "calls:5",  "hour", "day",
                                         "month",   "every:7m", "all"};

class MetamorphicCycles : public Metamorphic, public testing::WithParamInterface<std::string> {
 protected:
  MetamorphicCycles() { job.usage.cycles = cycles(GetParam(), "America/St_Johns"); }
};

TEST_P(MetamorphicCycles, TheOrderOfLinesDoesNotMatter) {
  Lines log = lines(2000);
  const std::string expected = bill_of(log);
  for (int i = 0; i < 10; ++i) {
    shuffle(log);
    ASSERT_EQ(bill_of(log), expected);
  }
  std::sort(log.begin(), log.end());
  EXPECT_EQ(bill_of(log), expected);
  std::reverse(log.begin(), log.end());
  EXPECT_EQ(bill_of(log), expected);
}

TEST_P(MetamorphicCycles, HowLinesLieInFilesDoesNotMatter) {
  const Lines log = lines(1000);
  const std::string expected = bill_of(log);
  for (std::size_t files = 1; files <= 9; ++files) {
    std::vector<std::string> texts = dealt(log, files);
    read_files(texts);
    ASSERT_EQ(bill(), expected) << files;
    std::reverse(texts.begin(), texts.end());
    read_files(texts);
    ASSERT_EQ(bill({2, 1}), expected) << files;
  }
}

TEST_P(MetamorphicCycles, BlanksAndRejectsAddNothing) {
  Lines log = lines(500);
  const std::string expected = bill_of(log);
  for (int i = 0; i < 500; ++i) log.push_back(i % 2 == 0 ? " \t\r\n" : "no record\n");
  shuffle(log);
  EXPECT_EQ(bill_of(log), expected);
}

TEST_P(MetamorphicCycles, TheOutputDoesNotDependOnThePartitioning) {
  Lines log = lines(3000);
  read_file(joined(log));
  const std::string expected = bill({1});
  for (unsigned threads = 1; threads <= 8; ++threads) {
    for (const std::size_t chunk_bytes : {1U, 100U, 4096U, 20'000U})
      ASSERT_EQ(bill({threads, chunk_bytes}), expected) << threads << " " << chunk_bytes;
  }
}

INSTANTIATE_TEST_SUITE_P(Policies, MetamorphicCycles, testing::ValuesIn(kPolicies),
                         [](const auto& policy) {
                           std::string name = policy.param;
                           std::replace(name.begin(), name.end(), ':', '_');
                           return name;
                         });

TEST_F(Metamorphic, TheBillsOfTwoHalvesAddUp) {
  Lines log = lines(2000);
  for (const char* policy :
       {"hour", "day", "week", "month", "quarter", "year", "every:3h", "all"}) {
    job.usage.cycles = cycles(policy, "Europe/Berlin");
    Usage whole, halves;
    add_up(bill_of(log), whole);
    shuffle(log);
    const auto middle = log.begin() + static_cast<std::ptrdiff_t>(random_() % log.size());
    add_up(bill_of(Lines(log.begin(), middle)), halves);
    add_up(bill_of(Lines(middle, log.end())), halves);
    EXPECT_EQ(whole, halves) << policy;
    EXPECT_GT(whole.size(), 3u);
  }
}

TEST_F(Metamorphic, TheHalvesOfTimeAddUp) {
  read_file(joined(lines(2000)));
  job.usage.cycles = cycles("every:7m");
  Usage whole, halves;
  add_up(bill(), whole);
  const std::int64_t border_ns = parse_instant_ns("2025-03-30T01:00:00", "UTC");
  job.usage.filter.until_ns = border_ns;
  add_up(bill(), halves);
  job.usage.filter = {};
  job.usage.filter.since_ns = border_ns;
  add_up(bill(), halves);
  EXPECT_EQ(whole, halves);
}

TEST_F(Metamorphic, UsersBilledApartStandAsInOneBill) {
  Lines ours, theirs;
  for (int i = 0; i < 300; ++i) {
    const std::string rest = " login 200 " + std::to_string(i * 37 % 101) + "ms\n";
    ours.push_back("2025-05-02T23:16:0" + std::to_string(i % 10) + "Z a" + std::to_string(i % 7) +
                   rest);
    theirs.push_back("2025-05-02T23:16:1" + std::to_string(i % 10) + "Z b" + std::to_string(i % 5) +
                     rest);
  }
  job.output_format = OutputFormat::text;
  const std::string apart = bill_of(ours) + bill_of(theirs);
  ours.insert(ours.end(), theirs.begin(), theirs.end());
  shuffle(ours);
  EXPECT_EQ(bill_of(ours), apart);
}

TEST_F(Metamorphic, TwiceTheLogIsTwiceTheUsage) {
  Lines log = lines(500);
  job.usage.cycles = cycles("day");
  Usage once, twice, doubled;
  add_up(bill_of(log), once);
  for (const auto& [key, sum] : once) twice[key] = {sum.first * 2, sum.second * 2};
  const Lines copy = log;
  log.insert(log.end(), copy.begin(), copy.end());
  add_up(bill_of(log), doubled);
  EXPECT_EQ(doubled, twice);
}

}  // namespace
}  // namespace billing
