// Partials as bytes, made and merged without a file: the same bytes as the program's.

#include "billing/partials.h"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "billing/error.h"
#include "billing/statement.h"
#include "job/partials_fixture.h"
#include "render/statement_writer.h"

namespace billing {
namespace {

TEST_F(PartialsTest, PiecesOfALogMergeToThePartialOfTheWholeLog) {
  for (const char* const policy : {"day", "calls:3", "all"}) {
    options_.cycles.policy = policy;
    for (const GroupBy& group_by : {GroupBy{}, GroupBy{false, true, true}}) {
      options_.group_by = group_by;
      const std::string expected = partial_of_job();
      EXPECT_EQ(part(0, log_.size()), expected);
      for (std::uint64_t seed = 1; seed <= 5; ++seed)
        EXPECT_EQ(merged(parts(1 + seed * 2, seed)), expected);
    }
  }
}

TEST_F(PartialsTest, WhateverTheMemoryAndTheThreads) {
  options_.cycles.policy = "calls:3";
  const std::string expected = partial_of_job();
  for (const unsigned threads : {1U, 3U}) {
    const WorkLimits limits{threads, 600'000, "."};
    EXPECT_EQ(part(0, log_.size(), limits), expected);
    EXPECT_EQ(merged(parts(9, 4), limits), expected);
  }
}

TEST_F(PartialsTest, MergingInStepsIsTheSame) {
  const Blobs blobs = parts(6, 8);
  const std::string expected = merged(blobs);
  Blobs steps;
  for (std::size_t i = 0; i + 1 < blobs.size(); i += 2)
    steps.push_back(merged({blobs[i], blobs[i + 1]}));
  if (blobs.size() % 2 == 1) steps.push_back(blobs.back());
  EXPECT_EQ(merged(steps), expected);
}

/// Lines as a bill in CSV has them, of tasks that have no rate.
std::string csv_of(const Sums& sums, const CyclePolicy& cycles, const GroupBy& shown) {
  std::string csv = statement_header({OutputFormat::csv, shown});
  StatementWriter writer({OutputFormat::csv, shown}, sums.tasks(), &cycles);
  RatingOptions options;
  options.group_by = shown;
  const Rater rater(options, sums.tasks());
  std::vector<StatementLine> lines;
  const auto reader = sums.read();
  for (SumBlock block; reader->next(block);) {
    reader->load(block);
    rater.rate(block.rows, lines);
    writer.append(lines, csv);
  }
  return csv;
}

TEST_F(PartialsTest, SumsAreThoseOfTheBaseline) {
  job.output_format = OutputFormat::csv;
  job.unrated = UnratedPolicy::zero;
  job.prices = prices({});
  for (const char* const policy : {"day", "calls:3"}) {
    options_.cycles.policy = policy;
    const Blobs blobs = parts(5, 11);
    for (const GroupBy& shown : all_group_bys()) {
      job.usage = options_;
      job.usage.group_by = shown;
      MergedPartials partials(sources_of(blobs));
      const auto sums = partials.sums(job.prices.usage_key(shown));
      EXPECT_EQ(csv_of(*sums, partials.cycles(), shown), naive().statement);
    }
  }
}

TEST_F(PartialsTest, EventsOfTheHostAreRecords) {
  options_.quantity = {"tokens", 3, true};
  options_.filter.statuses.reset(404);
  PartialMaker maker(options_);
  maker.begin_input("a table");
  const auto batch = std::make_unique<EventBatch>();
  for (const std::uint16_t status : {std::uint16_t{200}, std::uint16_t{404}, kNoStatus}) {
    const std::size_t i = batch->size++;
    batch->time_ns[i] = 0;
    batch->user[i] = "u";
    batch->task[i] = "t";
    batch->status[i] = status;
    batch->quantity[i] = status == kNoStatus ? -7 : 5;
  }
  maker.add_events(*batch);
  maker.count_reject(RejectReason::bad_user);
  maker.count_blanks(2);
  maker.count_bytes(600);
  EXPECT_EQ(maker.totals().records, 6u);
  std::string blob;
  EXPECT_EQ(maker.finish([&](std::string_view more) { blob += more; }), 1u);

  const Blobs blobs{blob, blob};
  MergedPartials partials(sources_of(blobs));
  EXPECT_EQ(partials.options().quantity, options_.quantity);
  EXPECT_EQ(partials.totals().records, 12u);
  EXPECT_EQ(partials.totals().accepted, 4u);
  EXPECT_EQ(partials.totals().filtered, 2u);
  EXPECT_EQ(partials.totals().bytes, 1200u);
  EXPECT_EQ(partials.totals().rejected[static_cast<std::size_t>(RejectReason::bad_user)], 2u);
  const auto sums = partials.sums({true, true});
  const auto reader = sums->read();
  SumBlock block;
  ASSERT_TRUE(reader->next(block));
  reader->load(block);
  ASSERT_EQ(block.rows.size(), 1u);
  EXPECT_TRUE(block.rows[0].quantity == -4);
  EXPECT_EQ(block.rows[0].calls, 4u);
}

TEST_F(PartialsTest, PartsOfTheTimeLineServeWhoeverAsksForThem) {
  constexpr std::int64_t kHour_ns = 3'600'000'000'000;
  const std::int64_t split_ns = parse_instant_ns("2025-05-04T10:00:30", "UTC");
  for (const char* const policy : {"day", "month", "calls:3"}) {
    options_ = {};
    options_.cycles.policy = policy;
    options_.splits_ns = {split_ns, split_ns + 48 * kHour_ns};
    const Blobs blobs = parts(4, 3);
    MergedPartials partials(sources_of(blobs));
    // As the sums of the log's events between the splits.
    const auto sums = partials.sums(options_.key());
    std::vector<Int128> quantity_of(3);
    const auto reader = sums->read();
    for (SumBlock block; reader->next(block);) {
      reader->load(block);
      for (const Sum& sum : block.rows) quantity_of.at(sum.part) += sum.quantity;
    }
    job.usage.cycles.policy = "all";
    for (std::size_t part = 0; part < 3; ++part) {
      if (part > 0) job.usage.filter.since_ns = options_.splits_ns[part - 1];
      if (part < 2) job.usage.filter.until_ns = options_.splits_ns[part];
      job.engine = EngineKind::naive;
      EXPECT_TRUE(aggregate(job, {}).totals.accepted_quantity == quantity_of[part]) << part;
      job.usage.filter = {};
    }
    EXPECT_THROW(csv_of(*sums, partials.cycles(), {}), std::invalid_argument);
    // Which changes no bill that does not ask.
    job.usage = options_;
    EXPECT_EQ(parallel({2, 999}).statement, naive().statement);
    job.usage.splits_ns.clear();
    EXPECT_EQ(parallel({2, 999}).statement, naive().statement);
    EXPECT_EQ(partials.sums({true, true})->tasks(), sums->tasks());
  }
}

TEST_F(PartialsTest, WhatAMakerTakesAMergerReads) {
  const auto one_event = [&](std::string_view user, std::int64_t quantity) {
    PartialMaker maker(options_);
    maker.begin_input("a table");
    const auto batch = std::make_unique<EventBatch>();
    batch->size = 1;
    batch->time_ns[0] = -1;
    batch->user[0] = user;
    batch->task[0] = "GET /a b";
    batch->status[0] = kMaxStatus;
    batch->quantity[0] = quantity;
    maker.add_events(*batch);
    std::string blob;
    maker.finish([&](std::string_view more) { blob += more; });
    return blob;
  };
  for (const char* const policy : {"calls:1", "day"}) {
    options_.cycles.policy = policy;
    const std::string blob = one_event("Ada Lovelace", kMaxQuantity);
    EXPECT_EQ(merged({blob}), blob);
    EXPECT_THROW(one_event("u", -1), Error);
  }
  for (const QuantityRules& rules : {QuantityRules{"a b", 0, false}, QuantityRules{"", 0, false},
                                     QuantityRules{"ms", 10, false}}) {
    options_.quantity = rules;
    EXPECT_THROW(PartialMaker{options_}, Error);
  }
  options_.quantity = {};
  options_.splits_ns = {5, 5};
  EXPECT_THROW(PartialMaker{options_}, Error);
}

TEST_F(PartialsTest, DamageIsFoundWhereverItIs) {
  log_.resize(log_.find('\n', 3000) + 1);
  const std::string whole = part(0, log_.size());
  EXPECT_EQ(merged({whole}), whole);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x11);
    EXPECT_THROW(merged({damaged}), Error) << at;
    EXPECT_THROW(merged({whole.substr(0, at)}), Error) << at;
  }
}

TEST_F(PartialsTest, AHostMayEndTheWork) {
  WorkLimits limits;
  limits.cancelled = [] { return true; };
  try {
    part(0, log_.size(), limits);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::interrupted);
  }
}

}  // namespace
}  // namespace billing
