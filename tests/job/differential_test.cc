// The engines against each other: the same bytes from both, over whatever is put into them.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "engine_comparison.h"
#include "hostile_log.h"
#include "sweep.h"

namespace billing {
namespace {

const std::vector<std::string> kZones{
    "UTC",          "America/New_York", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe",
    "Pacific/Apia", "America/St_Johns"};
const std::vector<std::string> kPolicies{
    "calls:1", "calls:2", "calls:5", "calls:1000000", "hour",      "day", "week",
    "month",   "quarter", "year",    "every:7s",      "every:90m", "all"};

class Differential : public EngineComparison {
 protected:
  /// Options as the seed has them.
  void choose_options(HostileLog& random) {
    choose_cycles(random);
    job.usage.group_by = random.one_of(all_group_bys());
    job.output_format =
        random.one_of<OutputFormat>({OutputFormat::text, OutputFormat::csv, OutputFormat::jsonl});
    job.csv_safe = random.happens(20);
    job.rounding = {random.one_of<Rounding>({Rounding::half_up, Rounding::half_even,
                                             Rounding::half_down, Rounding::up, Rounding::down}),
                    static_cast<int>(random.below(13))};
    job.unrated = random.one_of<UnratedPolicy>(
        {UnratedPolicy::unset, UnratedPolicy::zero, UnratedPolicy::reject, UnratedPolicy::fail});
    choose_filter(random);
    choose_limits(random);
  }

  /// A way to run the parallel engine on a log of that many bytes.
  Variant choose_variant(HostileLog& random, std::size_t log_bytes) {
    const std::size_t chunk_bytes =
        random.happens(30) ? 1 + random.below(60) : 1 + random.below(log_bytes + 100);
    return {1 + static_cast<unsigned>(random.below(8)), chunk_bytes, random.happens(20),
            random.happens(20)};
  }

 private:
  void choose_cycles(HostileLog& random) {
    const std::string policy = random.one_of(kPolicies);
    const bool takes_anchor = policy == "month" || policy == "quarter" || policy == "year";
    std::optional<int> anchor_day;
    if (takes_anchor && random.happens(50)) anchor_day = random.one_of<int>({1, 2, 15, 29, 30, 31});
    job.usage.cycles = cycles(policy, random.one_of(kZones), anchor_day);
  }

  void choose_filter(HostileLog& random) {
    job.usage.filter = {};
    if (random.happens(20))
      job.usage.filter.since_ns = parse_instant_ns("2025-03-09T01:00:00", "UTC");
    if (random.happens(20)) job.usage.filter.until_ns = parse_instant_ns("2025-11-02", "UTC");
    if (random.happens(20)) job.usage.filter.statuses.reset(200);
  }

  void choose_limits(HostileLog& random) {
    job.rejects.reset();
    job.reject_limit.reset();
    if (random.happens(80)) job.rejects = at("rejects.csv");
    if (random.happens(30)) {
      job.reject_limit = RejectLimit{};
      if (random.happens(50)) job.reject_limit->records = random.below(20);
      if (random.happens(50))
        job.reject_limit->percent = Uint128{random.below(30)} * 1'000'000'000'000;
    }
  }
};

class RandomJobs : public Differential, public testing::WithParamInterface<int> {};

TEST_P(RandomJobs, GiveTheSameBytes) {
  for (std::uint64_t i = 0; i < 100; ++i) {
    HostileLog random(static_cast<std::uint64_t>(GetParam()) * 1000 + i);
    choose_options(random);
    std::vector<std::string> logs;
    for (std::uint64_t files = 1 + random.below(3); files > 0; --files)
      logs.push_back(random.text(random.below(random.happens(10) ? 600 : 60)).substr(0, 60'000));
    read_files(logs);
    const std::size_t bytes = logs.front().size();
    ASSERT_TRUE(agree({choose_variant(random, bytes), choose_variant(random, bytes)}))
        << "seed " << GetParam() * 1000 << " + " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomJobs, testing::Range(1, 1 + swept(24)));

/// One line of each kind, every one short.
constexpr const char* kEachKindOfLine =
    "2025-05-02T23:16:50Z u1 login 200 12ms\n"
    "\n"
    "2025-05-02T23:16:51Z u2 login 200 5ms\r\n"
    " \t\r\n"
    "bad\n"
    "2025-05-02 u1 login 200 5ms\n"
    "2025-05-02T23:16:50Z \x01 login 200 5ms\n"
    "2025-05-02T23:16:50Z u1 \xFF 200 5ms\n"
    "2025-05-02T23:16:50Z u1 login 600 5ms\n"
    "2025-05-02T23:16:50Z u1 login 200 5\n"
    "2025-05-02T23:16:50.5+01:00\tu1  createOrder 404 123456789ms \r\n"
    "2025-05-02T23:16:52Z u2 other 200 7ms";

TEST_F(Differential, AChunkBorderAtEveryPositionOfAFile) {
  read_file(kEachKindOfLine);
  job.unrated = UnratedPolicy::reject;
  std::vector<Variant> variants;
  for (std::size_t bytes = 1; bytes <= std::string(kEachKindOfLine).size() + 1; ++bytes)
    variants.push_back({static_cast<unsigned>(1 + bytes % 3), bytes});
  EXPECT_TRUE(agree(variants));
}

TEST_F(Differential, AChunkBorderAtEveryPositionOfAPipe) {
  read_file(kEachKindOfLine);
  job.unrated = UnratedPolicy::reject;
  std::vector<Variant> variants;
  for (std::size_t bytes = 1; bytes <= std::string(kEachKindOfLine).size() + 1; ++bytes)
    variants.push_back({static_cast<unsigned>(1 + bytes % 3), bytes, false, true});
  EXPECT_TRUE(agree(variants));
}

TEST_F(Differential, AnEndOfTheInputAtEveryPosition) {
  const std::string log = kEachKindOfLine;
  for (std::size_t bytes = 0; bytes <= log.size(); ++bytes) {
    read_files({log.substr(0, bytes), log.substr(bytes)});
    ASSERT_TRUE(agree({{2, 64}})) << bytes;
  }
}

class CyclesInZones : public Differential, public testing::WithParamInterface<std::string> {};

TEST_P(CyclesInZones, AgreeUnderEveryGroupBy) {
  HostileLog random(7);
  std::string log;
  for (int i = 0; i < 20; ++i) log += HostileLog(static_cast<std::uint64_t>(i)).text(30) + "\n";
  read_file(log);
  // Where not all zones are tried, each is tried with some policy.
  const auto policy = std::find(kPolicies.begin(), kPolicies.end(), GetParam()) - kPolicies.begin();
  const auto zones = static_cast<std::ptrdiff_t>(kZones.size());
  for (std::ptrdiff_t i = 0; i < swept(static_cast<int>(zones)); ++i) {
    const std::string& zone = kZones[static_cast<std::size_t>((policy + i) % zones)];
    job.usage.cycles = cycles(GetParam(), zone);
    for (const GroupBy& group_by : all_group_bys()) {
      job.usage.group_by = group_by;
      ASSERT_TRUE(agree({choose_variant(random, log.size()), {2, 1000, true}})) << zone;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Policies, CyclesInZones, testing::ValuesIn(kPolicies),
                         [](const auto& policy) {
                           std::string name = policy.param;
                           std::replace(name.begin(), name.end(), ':', '_');
                           return name;
                         });

class AnchorDays : public Differential, public testing::WithParamInterface<int> {};

TEST_P(AnchorDays, Agree) {
  read_file(HostileLog(3).text(300));
  for (const char* policy : {"month", "quarter", "year"}) {
    job.usage.cycles = cycles(policy, "America/St_Johns", GetParam());
    EXPECT_TRUE(agree({{3, 700}, {2, 5000, true}}));
  }
}

INSTANTIATE_TEST_SUITE_P(Days, AnchorDays, testing::Values(1, 2, 28, 29, 30, 31));

TEST_F(Differential, NothingAtAll) {
  for (const char* log : {"", "\n", "\r\n", "\r", " ", "\n\n\n", "x"}) {
    read_files({log, ""});
    EXPECT_TRUE(agree({{1}, {8, 1}, {2, 1, false, true}})) << testing::PrintToString(log);
  }
}

TEST_F(Differential, TwentyFiles) {
  HostileLog random(5);
  std::vector<std::string> logs;
  for (int i = 0; i < 20; ++i) logs.push_back(random.text(random.below(40)));
  read_files(logs);
  EXPECT_TRUE(agree({{1}, {8, 100}, {3, 1}, {2, 300, false, true}}));
}

TEST_F(Differential, OneFileWithoutALineEndBeforeAnother) {
  const std::string line = "2025-05-02T23:16:50Z u1 login 200 12ms";
  read_files({line, line + "\n", line + "\r", "\n" + line});
  EXPECT_TRUE(agree({{1}, {4, 1}, {2, 10, false, true}}));
}

TEST_F(Differential, ALineThatFillsManyChunks) {
  const std::string line = "2025-05-02T23:16:50Z u1 login 200 12ms\n";
  read_file(line + std::string(30'000, 'x') + "\n" + line + std::string(20'000, ' ') + line);
  EXPECT_TRUE(agree({{1}, {4, 1}, {4, 100}, {2, 1000, false, true}}));
}

TEST_F(Differential, ARejectThatIsCutInTheRejectsFile) {
  const std::string line = "2025-05-02T23:16:50Z u1 login 200 12ms\n";
  read_file(line + std::string(65'536, 'x') + "\n" + std::string(65'537, '\x01') + "\n" + line +
            std::string(300'000, '\xFF'));
  EXPECT_TRUE(agree({{1}, {4, 1}, {2, 100'000}}));
}

TEST_F(Differential, WithoutARejectsFileTheFirstRejectsAreShown) {
  job.rejects.reset();
  std::string log;
  for (int i = 0; i < 300; ++i)
    log += "2025-05-02T23:16:50Z u1 login 200 " + std::to_string(i) + "\n";
  read_files({log, log});
  EXPECT_TRUE(agree({{1}, {8, 1}, {8, 500}, {3, 2000, false, true}}));
}

}  // namespace
}  // namespace billing
