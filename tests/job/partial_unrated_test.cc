// Partials without the records whose task has no rate: made by makers as by jobs.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "billing/choose_format.h"
#include "job/partials_fixture.h"

namespace billing {
namespace {

struct Made {
  std::string partial;
  std::vector<std::string> rejects;  ///< each by its place, reason and column
};

std::string shown(std::uint64_t offset_bytes, RejectReason reason, std::uint32_t column) {
  return std::to_string(offset_bytes) + ' ' + std::string(reject_reason_name(reason)) + ' ' +
         std::to_string(column);
}

class PartialUnratedTest : public PartialsTest {
 protected:
  PartialUnratedTest() {
    job.unrated = UnratedPolicy::reject;
    options_.cycles.policy = "all";
  }

  void write(const std::string& log) {
    log_ = log;
    std::ofstream(path(), std::ios::binary | std::ios::trunc) << log_;
  }

  Made by_job() {
    Made made;
    job.usage = options_;
    job.usage.quantity = {};
    job.partial = at("partial");
    hooks.reject = [&made](const std::string&, const RejectedRecord& reject) {
      made.rejects.push_back(shown(reject.offset_bytes, reject.reason, reject.column));
    };
    aggregate(job, hooks);
    std::ifstream file(at("partial"), std::ios::binary);
    made.partial.assign(std::istreambuf_iterator<char>(file), {});
    return made;
  }

  /// By one that gets all of the log at once.
  Made by_maker() {
    const ChosenFormats chosen = choose_formats(job.format, 1, [this](std::size_t) {
      return InputSample{path(), log_, true};
    });
    const MediationOptions mediation{.format = make_input_format(chosen[0])};
    options_.quantity = chosen[0].quantity;
    PartialMaker maker(options_);
    maker.reject_unrated(job.prices);
    maker.begin_input(path());
    std::vector<Reject> found;
    maker.add_records({log_, log_.size(), true}, mediation,
                      [&found](const Reject& reject) { found.push_back(reject); });
    std::sort(found.begin(), found.end(),
              [](const Reject& a, const Reject& b) { return a.offset_bytes < b.offset_bytes; });
    Made made;
    for (const Reject& reject : found)
      made.rejects.push_back(shown(reject.offset_bytes, reject.reason, reject.column));
    maker.finish([&made](std::string_view more) { made.partial += more; });
    return made;
  }

  /// Both make the same, with these rejects.
  void rejects_are(const std::vector<std::string>& rejects) {
    const Made expected = by_job();
    const Made found = by_maker();
    EXPECT_EQ(expected.rejects, rejects);
    EXPECT_EQ(found.rejects, rejects);
    EXPECT_EQ(found.partial, expected.partial);
  }
};

TEST_F(PartialUnratedTest, MakersRejectAsJobsDo) {
  options_.cycles.policy = "calls:3";
  const Made expected = by_job();
  EXPECT_GT(expected.rejects.size(), 1000u);  // those of `load`, and bad ones
  EXPECT_EQ(by_maker().partial, expected.partial);
  EXPECT_EQ(by_maker().rejects, expected.rejects);
  accepted_ = job.prices;
  for (const std::uint64_t seed : {3U, 4U}) EXPECT_EQ(merged(parts(7, seed)), expected.partial);
}

TEST_F(PartialUnratedTest, ARateOfAllOthersAcceptsAll) {
  std::vector<std::string> mistakes;
  accepted_ = PriceBook::build({{{"*", "2", "here", true}}}, mistakes);
  const std::string all = part(0, log_.size());
  accepted_.reset();
  EXPECT_EQ(all, part(0, log_.size()));
}

TEST_F(PartialUnratedTest, WhatIsFilteredIsNotRejected) {
  write(
      "2025-05-02T10:00:00Z ann load 404 1ms\n2025-05-02T10:00:00Z ann load 200 1ms\n"
      "2025-05-02T10:00:00Z ann login 200 1ms\n");
  options_.filter.statuses.reset(404);
  rejects_are({"38 unrated_task 26"});
}

TEST_F(PartialUnratedTest, ARecordOfMeasuresIsRejectedAsAWhole) {
  job.prices = prices({{"m1.in", "1"}});
  job.format.format = "json";
  job.format.time = "ts:unix";
  job.format.user = "who";
  job.format.task = "model";
  job.format.measures = {{"in", "in"}, {"out", "out"}};
  write(R"({"ts": 1746227810, "who": "ann", "model": "m1", "in": 100, "out": 7})"
        "\n"
        R"({"ts": 1746227811, "who": "bob", "model": "m1", "in": 3})"
        "\n"
        R"({"ts": 1746227812, "who": "bob", "model": "m1"})"
        "\n");
  rejects_are({"0 unrated_task 43", "126 bad_quantity 1"});
}

TEST_F(PartialUnratedTest, ColumnsAreFoundBehindDirectives) {
  job.prices = prices({{"/a", "1"}});
  job.format.format = "iis";
  write(
      "#Fields: date time c-ip cs-uri-stem\n"
      "2025-05-02 10:00:00 1.1.1.1 /a\n"
      "2025-05-02 10:00:00 1.1.1.1 /b\n"
      "#Fields: cs-uri-stem date time c-ip\n"
      "/c 2025-05-02 10:00:00 1.1.1.1\n"
      "/a 2025-05-02 10:00:00 1.1.1.1\n"
      "/d 2025-05-02 10:00:00 1.1.1.1\n");
  rejects_are({"67 unrated_task 29", "134 unrated_task 1", "196 unrated_task 1"});
}

TEST_F(PartialUnratedTest, EventsOfTheHostAreCountedAsRejects) {
  PartialMaker maker(options_);
  maker.reject_unrated(job.prices);
  maker.begin_input("a table");
  const auto batch = std::make_unique<EventBatch>();
  for (const char* const task : {"load", "login", "other"}) {
    const std::size_t i = batch->size++;
    batch->time_ns[i] = 0;
    batch->user[i] = "u";
    batch->task[i] = task;
    batch->status[i] = 200;
    batch->quantity[i] = 5;
  }
  maker.add_events(*batch);
  EXPECT_EQ(batch->size, 1u);
  EXPECT_EQ(maker.totals().records, 3u);
  EXPECT_EQ(maker.totals().accepted, 1u);
  EXPECT_EQ(maker.totals().rejected[static_cast<std::size_t>(RejectReason::unrated_task)], 2u);
  EXPECT_EQ(maker.finish([](std::string_view) {}), 1u);
}

}  // namespace
}  // namespace billing
