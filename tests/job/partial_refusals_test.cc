// What makers and mergers of partials refuse: usage that is not what it says, and bytes that would
// be billed twice.

#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "billing/error.h"
#include "billing/merge.h"
#include "job/partials_fixture.h"

namespace billing {
namespace {

using PartialRefusalsTest = PartialsTest;

TEST_F(PartialRefusalsTest, FiltersAreThoseOfTheFormatThatDecodes) {
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

TEST_F(PartialRefusalsTest, WhatAPartialSaysOfFiltersAMakerTakesAgain) {
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

TEST_F(PartialRefusalsTest, QuantitiesAreThoseOfTheFormatThatDecodes) {
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

TEST_F(PartialRefusalsTest, BytesThatCountTwiceAreRefused) {
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

TEST_F(PartialRefusalsTest, PartialsThatLookAlikeAreToldOf) {
  const std::string whole = part(0, log_.size());
  const Blobs alone{whole};
  EXPECT_TRUE(MergedPartials(sources_of(alone)).warnings().empty());
  const Blobs twice{whole, whole};
  const MergedPartials merged(sources_of(twice));
  ASSERT_EQ(merged.warnings().size(), 1u);
  EXPECT_NE(merged.warnings()[0].find("'blob 1' and 'blob 2' describe themselves identically"),
            std::string::npos);
}

TEST_F(PartialRefusalsTest, PiecesOfMoreThanTheirPlaceCannotBeMade) {
  PartialMaker maker(options_);
  maker.begin_input(path(), InputPiece{~std::uint64_t{0} - 5, false});
  maker.count_bytes(6);
  EXPECT_THROW(maker.begin_input("next"), std::invalid_argument);
  EXPECT_THROW(PartialMaker(options_).begin_input(std::string(70'000, 'n')), std::invalid_argument);
}

TEST_F(PartialRefusalsTest, AMergeIsAskedForNothingThatItCannotDo) {
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

TEST_F(PartialRefusalsTest, ASpentMakerSaysSo) {
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

TEST_F(PartialRefusalsTest, DifferentOptionsAreNamed) {
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

}  // namespace
}  // namespace billing
