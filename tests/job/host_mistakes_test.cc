// What a host may not ask of a job, and what its source, decoder and hooks must not do in silence.

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "billing/error.h"
#include "billing/record_source.h"
#include "job/engine_comparison.h"

namespace billing {
namespace {

const std::string kRecord = "2025-05-02T23:16:50Z user1 login 200 1568ms\n";

class HostMistakesTest : public EngineComparison {
 protected:
  HostMistakesTest() { job.unrated = UnratedPolicy::reject; }
};

/// Decodes `text` lines as the library does.
MediationCounts decode_as_text(const RecordBytes& records, const MediationOptions& options,
                               EventBatch& batch, const BatchSink& on_batch,
                               const RejectSink& on_reject) {
  MediationOptions text = options;
  text.decoder = nullptr;
  return mediate(records, text, batch, on_batch, on_reject);
}

TEST_F(HostMistakesTest, ADecoderDecidesWhatQuantitiesAreAlsoOfPaths) {
  const std::string log = "2025-05-02T23:16:50Z ada login 200 3000ms\n";
  job.prices = prices({{"login", "1"}});
  job.usage.quantity = {"kwh", 3, true};
  job.usage.group_by = {true, false, false};
  job.mediation.decoder = decode_as_text;
  job.source = records_in_memory({{"log", log}}, 100);
  const std::string expected = "ada: total_quantity=3kwh, total_cost=3.00\n";
  EXPECT_EQ(parallel().statement, expected);
  job.source = nullptr;
  read_file(log);
  EXPECT_EQ(parallel().statement, expected);
  read_file("not a line\n" + log);  // nor is a format looked for
  job.reject_limit = RejectLimit{1, std::nullopt};
  EXPECT_EQ(parallel().statement, expected);
}

TEST_F(HostMistakesTest, SettingsThatWouldHaveNoEffectAreRefused) {
  const auto refused = [this](const auto& change) {
    AggregateJob changed = job;
    change(changed);
    EXPECT_THROW(aggregate(changed, {}), std::invalid_argument);
  };
  job.inputs = {"a.log"};
  refused([](AggregateJob& paths) { paths.usage.where = {"status < 300"}; });
  refused([](AggregateJob& paths) { paths.usage.quantity = {"kwh", 3, false}; });
  refused([](AggregateJob& paths) { paths.mediation.format = make_input_format({}); });
  refused([](AggregateJob& paths) { paths.mediation.max_record_bytes = 10; });
  refused([this](AggregateJob& naive) {
    naive.engine = EngineKind::naive;
    naive.partial = at("partial");
  });
  refused([this](AggregateJob& incremental) {
    incremental.state = at("state");
    incremental.format.format = "json";
  });
  refused([this](AggregateJob& incremental) {
    incremental.state = at("state");
    incremental.unrated = UnratedPolicy::reject;
  });
  refused([](AggregateJob& decoded) {
    decoded.mediation.decoder = decode_as_text;
    decoded.engine = EngineKind::naive;
  });
  refused([](AggregateJob& decoded) {
    decoded.mediation.decoder = decode_as_text;
    decoded.format.where = {"status < 300"};
  });
  job.inputs.clear();
  job.source = records_in_memory({{"log", kRecord}}, 100);
  refused([](AggregateJob& from_source) { from_source.format.where = {"status < 300"}; });
  refused([](AggregateJob& from_source) { from_source.format.format = "json"; });
}

TEST_F(HostMistakesTest, AFormatOfASourceIsWhatTheUsageSays) {
  const std::string log =
      "{\"time\":\"2025-05-02T10:00:00Z\",\"user\":\"ada\",\"task\":\"login\",\"q\":1.5}\n";
  RecordFormat format;
  format.family = FormatFamily::json;
  format.mapping = {"time", "user", "task", "none", "q"};
  format.quantity = {"gb", 3, false};
  const auto outcome = [&] {
    job.mediation.format = make_input_format(format);
    job.source = records_in_memory({{"log", log}}, 100);
    return parallel();
  };
  job.usage.quantity = format.quantity;
  EXPECT_EQ(outcome().error, "");
  for (const QuantityRules& other :
       {QuantityRules{}, QuantityRules{"gb", 2, false}, QuantityRules{"mb", 3, false}}) {
    job.usage.quantity = other;
    EXPECT_THROW(outcome(), std::invalid_argument);
  }
  job.usage.quantity = format.quantity;
  format.where = {"q > 1", "user = ada"};
  EXPECT_THROW(outcome(), std::invalid_argument);
  job.usage.where = {"q > 1", "user = bob"};
  EXPECT_THROW(outcome(), std::invalid_argument);
  for (const std::vector<std::string>& same :
       {format.where, std::vector<std::string>{"(q > 1) and (user = ada)"}}) {
    job.usage.where = same;
    EXPECT_NE(outcome().totals.find("user = ada dropped 0"), std::string::npos);
  }
  job.usage.cycles.timezone = "Asia/Tokyo";
  EXPECT_THROW(outcome(), std::invalid_argument);
  format.timezone = "Asia/Tokyo";
  EXPECT_EQ(outcome().error, "");
}

/// A note in quotes holds what looks like a record.
TEST_F(HostMistakesTest, QuotedRecordsAreCutWhereTheirFormatSays) {
  std::string table = "time,user,task,status,q,note\n";
  for (int i = 0; i < 200; ++i) {
    table +=
        "2025-05-01T00:00:00Z,ada,login,200,1,\"hello\n"
        "2025-05-01T00:00:00Z,eve,login,200,1000000,x\nbye\"\n";
  }
  RecordFormat csv;
  csv.family = FormatFamily::csv;
  csv.columns = {"time", "user", "task", "status", "q", "note"};
  csv.mapping = {"time", "user", "task", "status", "q"};
  const std::shared_ptr<const InputFormat> format = make_input_format(csv);
  job.mediation.format = format;
  job.usage.group_by = {true, false, false};
  job.prices = prices({{"login", "1"}});
  for (const std::size_t chunk_bytes : {1U, 100U, 1000U, 100'000U}) {
    job.source = records_in_memory({{"1", table}, {"2", table}}, chunk_bytes,
                                   [format] { return make_cutter(*format, true); });
    const Outcome outcome = parallel({2});
    EXPECT_EQ(outcome.statement, "ada: total_duration=400ms, total_cost=400.00\n");
    EXPECT_EQ(outcome.rejects, "file,line,byte_offset,reason,record\n");
    job.source = records_in_memory({{"1", table}}, chunk_bytes);
    EXPECT_THROW(parallel(), std::invalid_argument);
  }
}

/// Lines in chunks of their own, with the sequence numbers that it is told.
class NumberedSource final : public RecordSource {
 public:
  NumberedSource(std::vector<std::uint64_t> numbers, std::string line, std::size_t input = 0)
      : numbers_(std::move(numbers)), line_(std::move(line)), input_(input) {}

  std::size_t input_count() const override { return 1; }
  const std::string& input_name(std::size_t) const override { return name_; }
  std::optional<std::uint64_t> size_bytes() const override { return std::nullopt; }
  std::uint64_t input_bytes(std::size_t) const override { return numbers_.size() * line_.size(); }
  bool next(Chunk& chunk) override {
    const std::size_t i = next_++;
    if (i >= numbers_.size()) return false;
    chunk = {};
    chunk.sequence = numbers_[i];
    chunk.input = input_;
    chunk.offset_bytes = i * line_.size();
    chunk.bytes = line_;
    chunk.readable_bytes = line_.size();
    return true;
  }

 private:
  const std::string name_ = "numbered";
  std::vector<std::uint64_t> numbers_;
  std::string line_;
  std::size_t input_;
  std::atomic<std::size_t> next_ = 0;
};

TEST_F(HostMistakesTest, ASourceThatMiscountsItsChunksLosesNoRejects) {
  for (const unsigned threads : {1U, 3U}) {
    const auto run = [&](std::vector<std::uint64_t> numbers, const std::string& line) {
      int rejects = 0;
      hooks.reject = [&rejects](const std::string&, const RejectedRecord&) { ++rejects; };
      job.source = std::make_shared<NumberedSource>(std::move(numbers), line);
      job.reject_limit = RejectLimit{100, RejectLimit{}.percent};
      job.reject_limit->percent = Uint128{100} * kMoneyUnit;
      parallel({threads});
      return rejects;
    };
    EXPECT_EQ(run({0, 1, 2, 3}, "bad\n"), 4);
    EXPECT_THROW(run({0, 0, 0, 0}, "bad\n"), std::logic_error);
    EXPECT_THROW(run({1, 2, 3, 4}, "bad\n"), std::logic_error);
    EXPECT_THROW(run({0, 2, 2, 1}, "bad\n"), std::logic_error);
    EXPECT_THROW(run({0, 1, 3, 4}, "bad\n"), std::logic_error);
    // More than is kept until its turn comes.
    const std::string long_line = std::string(60'000, 'x') + "\n";
    std::vector<std::uint64_t> numbers(100);
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = i + 1;
    EXPECT_THROW(run(numbers, long_line), std::logic_error);
  }
}

TEST_F(HostMistakesTest, AChunkOfNoInputEndsTheJob) {
  job.source = std::make_shared<NumberedSource>(std::vector<std::uint64_t>{0}, kRecord, 1);
  EXPECT_THROW(parallel(), std::logic_error);
}

TEST_F(HostMistakesTest, WhatHooksThrowPassesThroughAsItIs) {
  std::string log;
  for (int i = 0; i < 1000; ++i) log += "bad line\n";
  job.reject_limit = RejectLimit{10'000, std::nullopt};
  const auto run = [&](const auto& hook) {
    hooks.reject = [&hook](const std::string&, const RejectedRecord&) { hook(); };
    job.source = records_in_memory({{"log", log}}, 100);
    job.engine = EngineKind::parallel;
    aggregate(job, hooks);
  };
  EXPECT_THROW(run([] { throw 42; }), int);
  EXPECT_THROW(run([] { throw std::bad_alloc(); }), std::bad_alloc);
  try {
    run([] { throw Error(ErrorKind::run, "the host's own"); });
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "the host's own");
  }
}

TEST_F(HostMistakesTest, ALongNameIsRefusedBeforeTheWork) {
  job.source = records_in_memory({{std::string(70'000, 'n'), kRecord}}, 100);
  EXPECT_THROW(aggregate(job, {}), std::invalid_argument);
}

}  // namespace
}  // namespace billing
