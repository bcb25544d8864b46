// Partials as bytes, made and merged without a file: the same bytes as the program's.

#include "billing/partials.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "billing/error.h"
#include "billing/merge.h"
#include "billing/statement.h"
#include "job/engine_comparison.h"
#include "render/statement_writer.h"

namespace billing {
namespace {

using Blobs = std::vector<std::string>;

std::vector<std::shared_ptr<const ByteSource>> sources_of(const Blobs& blobs) {
  std::vector<std::shared_ptr<const ByteSource>> sources;
  for (const std::string& blob : blobs) {
    sources.push_back(
        std::make_shared<BytesInMemory>("blob " + std::to_string(sources.size() + 1), blob));
  }
  return sources;
}

std::string merged(const Blobs& blobs, const WorkLimits& limits = {}) {
  std::string bytes;
  MergedPartials(sources_of(blobs), limits).write([&](std::string_view more) { bytes += more; });
  return bytes;
}

class PartialsTest : public EngineComparison {
 protected:
  PartialsTest() {
    std::mt19937_64 random(23);
    for (int i = 0; i < 2000; ++i) {
      log_ += "2025-05-0" + std::to_string(1 + random() % 9) +
              "T10:00:" + std::to_string(10 + random() % 50) + "Z user" +
              std::to_string(random() % 40) +
              (random() % 30 == 0  ? " bad"
               : random() % 3 == 0 ? " login"
                                   : " load") +
              " 20" + std::to_string(random() % 3) + ' ' + std::to_string(random() % 5000) + "ms\n";
      if (random() % 50 == 0) log_ += '\n';
    }
    read_file(log_);
    job.inputs = {at("0.log")};
    std::ofstream(path(), std::ios::binary) << log_;
    options_.cycles.policy = "day";
  }

  /// A partial of a piece of the log.
  std::string part(std::size_t begin, std::size_t end, const WorkLimits& limits = {}) const {
    PartialMaker maker(options_, limits);
    const bool is_whole = begin == 0 && end == log_.size();
    maker.begin_input(
        path(), is_whole ? std::nullopt : std::optional(InputPiece{begin, end == log_.size()}));
    const std::string_view bytes = std::string_view(log_).substr(begin, end - begin);
    for (std::size_t at = 0; at < bytes.size();) {
      std::size_t next = bytes.find('\n', std::min(at + 700, bytes.size() - 1));
      next = next == std::string_view::npos ? bytes.size() : next + 1;
      maker.add_records({bytes.substr(at, next - at), next - at, begin + at == 0}, {},
                        [](const Reject&) {});
      at = next;
    }
    std::string partial;
    maker.finish([&](std::string_view more) { partial += more; });
    return partial;
  }

  /// Pieces of the log, cut at lines.
  Blobs parts(std::size_t count, std::uint64_t seed) const {
    std::mt19937_64 random(seed);
    std::vector<std::size_t> cuts{0, log_.size()};
    while (cuts.size() < count + 1) cuts.push_back(log_.find('\n', random() % log_.size()) + 1);
    std::sort(cuts.begin(), cuts.end());
    Blobs blobs;
    for (std::size_t i = 1; i < cuts.size(); ++i) {
      if (cuts[i] > cuts[i - 1]) blobs.push_back(part(cuts[i - 1], cuts[i]));
    }
    std::shuffle(blobs.begin(), blobs.end(), random);
    return blobs;
  }

  /// What a job of the program makes of the whole log.
  std::string partial_of_job() {
    job.usage = options_;
    job.usage.where.clear();  // the format's
    job.engine = EngineKind::parallel;
    job.rejects = at("rejects");
    job.partial = at("partial");
    aggregate(job, {});
    job.partial.reset();
    std::ifstream file(at("partial"), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::string path() const { return job.inputs.front(); }

  std::string log_;
  UsageOptions options_;
};

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

TEST_F(PartialsTest, FiltersAreThoseOfTheFormatThatDecodes) {
  RecordFormat format;
  format.where = {"status = 200", "user ~ 7$"};
  const MediationOptions filtered{.format = make_input_format(format)};
  const auto add = [this](PartialMaker& maker, const MediationOptions& mediation) {
    maker.begin_input(path());
    return maker.add_records({log_, log_.size(), true}, mediation, [](const Reject&) {});
  };
  options_.where = format.where;
  PartialMaker maker(options_);
  const MediationCounts counts = add(maker, filtered);
  EXPECT_EQ(counts.filtered, counts.filtered_by.at(0) + counts.filtered_by.at(1));
  EXPECT_GT(counts.filtered_by[0], counts.filtered_by[1]);
  EXPECT_EQ(maker.totals().filtered, counts.filtered);
  EXPECT_EQ(maker.totals().accepted, counts.events);
  std::string made;
  maker.finish([&](std::string_view more) { made += more; });
  job.format.where = format.where;
  EXPECT_EQ(made, partial_of_job());

  PartialMaker says_more(options_);
  EXPECT_THROW(add(says_more, {}), std::invalid_argument);
  options_.where.clear();
  PartialMaker says_less(options_);
  EXPECT_THROW(add(says_less, filtered), std::invalid_argument);
  for (const std::string& other : {std::string("status = 201"), std::string("not status = 200")}) {
    options_.where = {other, "user ~ 7$"};
    PartialMaker says_other(options_);
    EXPECT_THROW(add(says_other, filtered), std::invalid_argument);
  }
  for (const std::string& wrong : {std::string(40'000, 'x'), std::string("no (expression")}) {
    options_.where = {wrong};
    EXPECT_THROW(PartialMaker{options_}, Error);
  }
}

TEST_F(PartialsTest, WhatAPartialSaysOfFiltersAMakerTakesAgain) {
  RecordFormat format;
  format.where = {"status = 200", "user ~ 7$"};
  format.timezone = options_.cycles.timezone = "Asia/Tokyo";
  const auto make = [&](const UsageOptions& options) {
    PartialMaker maker(options);
    maker.begin_input(path());
    maker.add_records({log_, log_.size(), true}, {.format = make_input_format(format)},
                      [](const Reject&) {});
    std::string blob;
    maker.finish([&](std::string_view more) { blob += more; });
    return blob;
  };
  options_.where = format.where;
  const Blobs blobs{make(options_)};
  EXPECT_EQ(make(MergedPartials(sources_of(blobs)).options()), blobs[0]);
  // Filters may ask for the date, which the zone decides.
  format.timezone = "UTC";
  EXPECT_THROW(make(options_), std::invalid_argument);
}

TEST_F(PartialsTest, QuantitiesAreThoseOfTheFormatThatDecodes) {
  const std::string line = "time=2025-05-01T00:00:00Z user=ada task=login q=1.5\n";
  RecordFormat format;
  format.family = FormatFamily::logfmt;
  format.mapping = {"time", "user", "task", "none", "q"};
  format.quantity = {"gb", 3, false};
  const auto add = [&](const QuantityRules& rules) {
    options_.quantity = rules;
    PartialMaker maker(options_);
    maker.begin_input("log");
    maker.add_records({line, line.size(), true}, {.format = make_input_format(format)},
                      [](const Reject&) {});
    return static_cast<std::int64_t>(maker.totals().accepted_quantity);
  };
  EXPECT_EQ(add({"gb", 3, false}), 1500);
  EXPECT_EQ(add({"gb", 3, true}), 1500);
  EXPECT_THROW(add({}), std::invalid_argument);
  EXPECT_THROW(add({"gb", 2, false}), std::invalid_argument);
  EXPECT_THROW(add({"mb", 3, false}), std::invalid_argument);
  format.quantity.negative = true;
  EXPECT_THROW(add({"gb", 3, false}), std::invalid_argument);
  // Lines of `text` have ms, whatever its settings say.
  format = {};
  format.quantity = {"gb", 0, false};
  EXPECT_THROW(add({"gb", 0, false}), std::invalid_argument);
}

TEST_F(PartialsTest, BytesThatCountTwiceAreRefused) {
  const std::size_t a = log_.find('\n', 1000) + 1;
  const std::size_t b = log_.find('\n', 5000) + 1;
  const std::string first = part(0, a);
  const std::string middle = part(a, b);
  const std::string last = part(b, log_.size());
  const std::string whole = part(0, log_.size());
  const std::string joined = merged({first, middle, last});
  EXPECT_EQ(joined, whole);
  for (const Blobs& blobs :
       {Blobs{first, first}, Blobs{part(0, b), middle}, Blobs{middle, whole}, Blobs{joined, first},
        Blobs{last, joined}, Blobs{merged({whole, whole}), middle},
        Blobs{part(a, log_.size()), last}}) {
    try {
      merged(blobs);
      FAIL();
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("stand in several inputs"), std::string::npos)
          << error.what();
    }
  }
}

TEST_F(PartialsTest, PartialsThatLookAlikeAreToldOf) {
  const std::string whole = part(0, log_.size());
  const Blobs alone{whole};
  EXPECT_TRUE(MergedPartials(sources_of(alone)).warnings().empty());
  const Blobs twice{whole, whole};
  const MergedPartials merged(sources_of(twice));
  ASSERT_EQ(merged.warnings().size(), 1u);
  EXPECT_NE(merged.warnings()[0].find("'blob 1' and 'blob 2' describe themselves identically"),
            std::string::npos);
}

TEST_F(PartialsTest, PiecesOfMoreThanTheirPlaceCannotBeMade) {
  PartialMaker maker(options_);
  maker.begin_input(path(), InputPiece{~std::uint64_t{0} - 5, false});
  maker.count_bytes(6);
  EXPECT_THROW(maker.begin_input("next"), std::invalid_argument);
  EXPECT_THROW(PartialMaker(options_).begin_input(std::string(70'000, 'n')), std::invalid_argument);
}

TEST_F(PartialsTest, AMergeIsAskedForNothingThatItCannotDo) {
  MergeJob merging;
  merging.partials = {at("partial")};
  merging.output = at("bill");
  merging.prices = prices({{"login", "1"}});
  std::ofstream(at("partial"), std::ios::binary) << part(0, log_.size());
  merging.unrated = UnratedPolicy::reject;  // its records were accepted long ago
  EXPECT_THROW(merge(merging, {}), std::invalid_argument);
  merging.unrated = UnratedPolicy::zero;
  EXPECT_GT(merge(merging, {}).statement.calls, 0u);
  merging.partial = at("made");
  merging.group_by = GroupBy{};
  EXPECT_THROW(merge(merging, {}), std::invalid_argument);
}

TEST_F(PartialsTest, ASpentMakerSaysSo) {
  const auto ignore = [](std::string_view) {};
  PartialMaker maker(options_);
  maker.begin_input("a");
  maker.finish(ignore);
  EXPECT_THROW(maker.finish(ignore), std::logic_error);
  EXPECT_THROW(maker.begin_input("b"), std::logic_error);
  EXPECT_THROW(maker.add_records({log_, log_.size(), true}, {}, [](const Reject&) {}),
               std::logic_error);
  EXPECT_THROW(maker.count_blanks(1), std::logic_error);
  EXPECT_THROW(maker.totals(), std::logic_error);
  PartialMaker other(options_);
  const PartialMaker taken(std::move(other));
  EXPECT_THROW(other.memory_bytes(), std::logic_error);  // NOLINT(bugprone-use-after-move)
  const Blobs blobs{part(0, log_.size())};
  MergedPartials partials(sources_of(blobs));
  const MergedPartials moved(std::move(partials));
  EXPECT_THROW(partials.totals(), std::logic_error);  // NOLINT(bugprone-use-after-move)
}

TEST_F(PartialsTest, DifferentOptionsAreNamed) {
  const std::string days = part(0, log_.size());
  options_.cycles.policy = "month";
  try {
    merged({days, part(0, log_.size())});
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("cycle: day in 'blob 1', month in 'blob 2'"),
              std::string::npos)
        << error.what();
  }
  EXPECT_THROW(MergedPartials({}), std::invalid_argument);
  options_.cycles.policy = "fortnight";
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
