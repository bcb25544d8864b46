// Records from elsewhere: the same bill, rejects and totals as of files.

#include "billing/record_source.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "billing/error.h"
#include "job/engine_comparison.h"

namespace billing {
namespace {

const std::vector<std::string> kLogs = {
    "2025-05-02T23:16:50Z user1 login 200 1568ms\nbad line\n\n"
    "2025-05-02T23:16:51Z user2 createOrder 200 7ms\n",
    "",
    "2025-05-02T23:16:49Z user1 login 200 1ms\r\n2025-05-02T23:16:52Z user1 other 500 12ms\n"
    "2025-05-02T23:16:50Z user1 login 99 1568ms\n2025-05-02T23:16:50Z user3 login 200 9ms"};

class RecordSourceTest : public EngineComparison {
 protected:
  RecordSourceTest() { job.unrated = UnratedPolicy::reject; }

  std::vector<MemoryInput> inputs() const {
    std::vector<MemoryInput> inputs;
    for (std::size_t i = 0; i < kLogs.size(); ++i)
      inputs.push_back({at(std::to_string(i) + ".log"), kLogs[i]});
    return inputs;
  }
};

TEST_F(RecordSourceTest, RecordsInMemoryMakeTheBillOfFiles) {
  read_files(kLogs);
  const Outcome expected = naive();
  EXPECT_EQ(parallel(), expected);
  read_files({});
  for (std::size_t chunk_bytes = 1; chunk_bytes < 300; chunk_bytes += 7) {
    for (const unsigned threads : {1U, 3U}) {
      job.source = records_in_memory(inputs(), chunk_bytes);
      EXPECT_EQ(parallel({threads}), expected) << chunk_bytes;
      job.source = records_in_memory(inputs(), chunk_bytes);
      Variant spilled{threads};
      spilled.spills = true;
      EXPECT_EQ(parallel(spilled), expected) << chunk_bytes;
    }
  }
}

TEST_F(RecordSourceTest, AHostTakesRejectsInTheOrderOfTheInput) {
  job.rejects.reset();
  job.reject_limit = RejectLimit{10, std::nullopt};
  for (const std::size_t chunk_bytes : {1U, 50U, 1000U}) {
    std::vector<std::string> rejects;
    hooks.reject = [&](const std::string& input, const RejectedRecord& reject) {
      rejects.push_back(input.substr(input.size() - 5) + ':' + std::to_string(reject.line) + ':' +
                        std::to_string(reject.column) + ' ' +
                        std::string(reject_reason_name(reject.reason)) + ' ' +
                        std::string(reject.record));
    };
    job.source = records_in_memory(inputs(), chunk_bytes);
    EXPECT_EQ(parallel({3}).error, "");
    EXPECT_EQ(rejects, (std::vector<std::string>{
                           "0.log:2:9 field_count bad line",
                           "2.log:2:28 unrated_task 2025-05-02T23:16:52Z user1 other 500 12ms",
                           "2.log:3:34 bad_status 2025-05-02T23:16:50Z user1 login 99 1568ms"}));
  }
}

/// Loses or doubles a part of what it says that there is.
class LyingSource final : public RecordSource {
 public:
  LyingSource(std::unique_ptr<RecordSource> source, std::int64_t more)
      : source_(std::move(source)), more_(more) {}

  std::size_t input_count() const override { return source_->input_count(); }
  const std::string& input_name(std::size_t input) const override {
    return source_->input_name(input);
  }
  std::optional<std::uint64_t> size_bytes() const override { return std::nullopt; }
  bool next(Chunk& chunk) override { return source_->next(chunk); }
  std::uint64_t input_bytes(std::size_t input) const override {
    return source_->input_bytes(input) + (input == 2 ? static_cast<std::uint64_t>(more_) : 0);
  }

 private:
  std::unique_ptr<RecordSource> source_;
  std::int64_t more_;
};

TEST_F(RecordSourceTest, ASourceThatLosesOrDoublesBytesIsFoundOut) {
  for (const std::int64_t more : {1, -1}) {
    job.source = std::make_shared<LyingSource>(records_in_memory(inputs(), 20), more);
    EXPECT_NE(parallel().error.find("control totals do not balance"), std::string::npos);
  }
}

/// `=N` in a line of its own says what a unit of the quantities behind it is.
class Unit final : public RecordState {
 public:
  explicit Unit(std::int64_t value_) : value(value_) {}
  std::int64_t value;
};

std::int64_t unit_behind(std::string_view lines, std::int64_t unit) {
  for (std::size_t at = 0; at < lines.size(); at = lines.find('\n', at) + 1) {
    if (lines[at] == '=') unit = std::stoll(std::string(lines.substr(at + 1)));
  }
  return unit;
}

class UnitSource final : public RecordSource {
 public:
  UnitSource(std::string log, std::size_t chunk_bytes)
      : log_(std::move(log)), lines_(records_in_memory({{"units", log_}}, chunk_bytes)) {}

  std::size_t input_count() const override { return 1; }
  const std::string& input_name(std::size_t) const override { return lines_->input_name(0); }
  std::optional<std::uint64_t> size_bytes() const override { return log_.size(); }
  bool next(Chunk& chunk) override {
    const std::lock_guard lock(mutex_);
    if (!lines_->next(chunk)) return false;
    chunk.start = std::make_shared<Unit>(unit_);
    unit_ = unit_behind(chunk.bytes, unit_);
    return true;
  }
  std::uint64_t input_bytes(std::size_t) const override { return log_.size(); }

 private:
  std::string log_;
  std::unique_ptr<RecordSource> lines_;
  std::mutex mutex_;
  std::int64_t unit_ = 1;
};

/// Lines are users, and quantities 1 unit.
MediationCounts decode_units(const RecordBytes& records, const MediationOptions&, EventBatch& batch,
                             const BatchSink& on_batch, const RejectSink&) {
  MediationCounts counts;
  counts.bytes = records.bytes.size();
  std::int64_t unit = dynamic_cast<const Unit&>(*records.start).value;
  std::vector<std::string> names;  // the decoder's own, gone when it returns
  batch.size = 0;
  for (std::size_t at = 0; at < records.bytes.size();) {
    const std::size_t end = records.bytes.find('\n', at);
    const std::string_view line = records.bytes.substr(at, end - at);
    ++counts.records;
    if (line.front() == '=') {
      ++counts.blanks;
      unit = std::stoll(std::string(line.substr(1)));
    } else {
      const std::string name = "user " + std::string(line);
      batch.size = 1;
      batch.time_ns[0] = 0;
      batch.user[0] = name;
      batch.task[0] = "login";
      batch.status[0] = kNoStatus;
      batch.quantity[0] = unit;
      batch.offset_bytes[0] = at;
      ++counts.events;
      counts.quantity += unit;
      on_batch(batch);
    }
    at = end + 1;
  }
  return counts;
}

TEST_F(RecordSourceTest, WhatHoldsAtAChunkComesToTheDecoder) {
  job.unrated = UnratedPolicy::zero;
  job.mediation.decoder = decode_units;
  job.usage.group_by = {true, false, false};
  job.usage.quantity = {"points", 1, true};
  for (const std::size_t chunk_bytes : {1, 2, 5, 9, 1000}) {
    job.source = std::make_shared<UnitSource>("a\n=20\na\nb\n=-3\nb\nc\n=5\n=7\na\n", chunk_bytes);
    EXPECT_EQ(parallel({2}).statement,
              "\"user a\": total_quantity=2.8points, total_cost=0.01\n"
              "\"user b\": total_quantity=1.7points, total_cost=0.01\n"
              "\"user c\": total_quantity=-0.3points, total_cost=0.00\n")
        << chunk_bytes;
  }
}

/// Also in a chunk that is larger than what is decoded of lines at a time.
TEST_F(RecordSourceTest, WhatHoldsAtALargeChunkHoldsAtItsStartAlone) {
  job.unrated = UnratedPolicy::zero;
  job.mediation.decoder = decode_units;
  job.usage.group_by = {true, false, false};
  job.usage.quantity = {"points", 0, false};
  std::string log = "=1\n";
  for (int i = 0; i < 300'000; ++i) log += "a\n";
  log += "=1000\n";
  for (int i = 0; i < 300'000; ++i) log += "a\n";
  for (const std::size_t chunk_bytes : {std::size_t{1000}, std::size_t{2} << 20}) {
    job.source = std::make_shared<UnitSource>(log, chunk_bytes);
    EXPECT_EQ(parallel({2}).statement,
              "\"user a\": total_quantity=300300000points, total_cost=1501500.00\n");
  }
}

TEST_F(RecordSourceTest, CreditsThatAreNotAllowedEndTheJob) {
  job.mediation.decoder = decode_units;
  job.usage.quantity = {"points", 0, false};
  job.source = std::make_shared<UnitSource>("a\n=-3\nb\n", 10);
  EXPECT_NE(parallel().error.find("negative quantity"), std::string::npos);
}

/// Never at an end, as a topic is.
class EndlessSource final : public RecordSource {
 public:
  std::size_t input_count() const override { return 1; }
  const std::string& input_name(std::size_t) const override { return name_; }
  std::optional<std::uint64_t> size_bytes() const override { return std::nullopt; }
  std::uint64_t input_bytes(std::size_t) const override { return 0; }
  bool next(Chunk& chunk) override {
    const std::lock_guard lock(mutex_);
    chunk = {};
    chunk.sequence = sequence_++;
    chunk.bytes = kLogs[0];
    chunk.readable_bytes = kLogs[0].size();
    return true;
  }

 private:
  const std::string name_ = "endless";
  std::mutex mutex_;
  std::uint64_t sequence_ = 0;
};

TEST_F(RecordSourceTest, AHostMayEndAJobThatReadsOnAndOn) {
  std::atomic<int> asked = 0;
  hooks.cancelled = [&] { return ++asked > 100; };
  job.source = std::make_shared<EndlessSource>();
  EXPECT_EQ(parallel({2}).error.substr(0, 5), "130: ");
}

TEST_F(RecordSourceTest, AFailureOfOneThreadEndsAllOfThem) {
  std::atomic<int> calls = 0;
  job.mediation.decoder = [&](const RecordBytes& records, const MediationOptions&, EventBatch&,
                              const BatchSink&, const RejectSink&) -> MediationCounts {
    if (++calls == 20) throw Error(ErrorKind::run, "broken");
    return {records.bytes.size(), 4, 0, 0, 4, 0};
  };
  job.source = std::make_shared<EndlessSource>();
  EXPECT_NE(parallel({3}).error.find("broken"), std::string::npos);
}

TEST_F(RecordSourceTest, AJobReadsEitherPathsOrASource) {
  job.source = records_in_memory({}, 1);
  job.inputs = {"a.log"};
  EXPECT_THROW(aggregate(job, {}), std::invalid_argument);
  job.inputs.clear();
  job.engine = EngineKind::naive;
  EXPECT_THROW(aggregate(job, {}), std::invalid_argument);
}

}  // namespace
}  // namespace billing
