// Decoders that lie: whatever a decoder does to records, its run must not end in a bill.

#include "job/control_totals.h"

#include <gtest/gtest.h>

#include <string>

#include "billing/mediate.h"
#include "engine_comparison.h"

namespace billing {
namespace {

constexpr int kRecords = 12'000;  // several pieces of a chunk

/// Passes records on to the text decoder, and what it makes of them through `on_batch` and
/// `on_reject`, which may change it.
Decoder text_through(
    const std::function<void(EventBatch&, const BatchSink&)>& on_batch,
    const std::function<void(const Reject&, const RejectSink&)>& on_reject =
        [](const Reject& reject, const RejectSink& take) { take(reject); }) {
  return [=](const RecordBytes& records, const MediationOptions&, EventBatch& batch,
             const BatchSink& take_batch, const RejectSink& take_reject) {
    Uint128 quantity = 0;
    std::uint64_t events = 0;
    MediationCounts counts = mediate(
        records, {}, batch,
        [&](EventBatch& decoded) {
          on_batch(decoded, [&](EventBatch& changed) {
            events += changed.size;
            for (std::size_t i = 0; i < changed.size; ++i) quantity += changed.quantity[i];
            take_batch(changed);
          });
        },
        [&](const Reject& reject) { on_reject(reject, take_reject); });
    // As a decoder would that believes what it tells.
    counts.records = counts.records - counts.events + events;
    counts.events = events;
    counts.quantity = quantity;
    return counts;
  };
}

class LyingDecoder : public EngineComparison {
 protected:
  LyingDecoder() {
    std::string log;
    for (int i = 0; i < kRecords; ++i) {
      log += i % 100 == 7 ? "bad\n"
                          : "2025-05-02T23:16:50Z user" + std::to_string(i % 50) + " login 200 " +
                                std::to_string(i) + "ms\n";
    }
    read_file(log);
  }

  /// Runs the job with the decoder, on one thread and on several.
  void expect_refused(const Decoder& decoder, const std::string& complaint) {
    for (const Variant& variant : {Variant{1}, Variant{3, 20'000}}) {
      job.mediation.decoder = decoder;
      const Outcome outcome = parallel(variant);
      EXPECT_EQ(outcome.statement, "(none)");
      EXPECT_NE(outcome.error.find("1: control totals do not balance"), std::string::npos)
          << outcome.error;
      EXPECT_NE(outcome.error.find(complaint), std::string::npos) << outcome.error;
    }
  }
};

TEST_F(LyingDecoder, AnHonestOneBillsAsTheFormatDoes) {
  const Outcome expected = naive();
  EXPECT_EQ(expected.error, "");
  job.mediation.decoder =
      text_through([](EventBatch& batch, const BatchSink& take) { take(batch); });
  EXPECT_EQ(parallel(), expected);
}

TEST_F(LyingDecoder, OneThatDropsAnEventIsRefused) {
  expect_refused(text_through([](EventBatch& batch, const BatchSink& take) {
                   if (batch.size > 100) --batch.size;
                   take(batch);
                 }),
                 "records");
}

TEST_F(LyingDecoder, OneThatTakesAnEventTwiceIsRefused) {
  expect_refused(text_through([](EventBatch& batch, const BatchSink& take) {
                   EventBatch again;
                   again.size = 1;
                   again.time_ns[0] = batch.time_ns[0];
                   again.user[0] = batch.user[0];
                   again.task[0] = batch.task[0];
                   again.status[0] = batch.status[0];
                   again.quantity[0] = batch.quantity[0];
                   again.offset_bytes[0] = batch.offset_bytes[0];
                   take(batch);
                   take(again);
                 }),
                 "records");
}

TEST_F(LyingDecoder, OneThatSwallowsARejectIsRefused) {
  expect_refused(text_through([](EventBatch& batch, const BatchSink& take) { take(batch); },
                              [](const Reject& reject, const RejectSink& take) {
                                if (reject.offset_bytes > 5000) take(reject);
                              }),
                 "records");
}

TEST_F(LyingDecoder, OneThatReportsARejectTwiceIsRefused) {
  expect_refused(text_through([](EventBatch& batch, const BatchSink& take) { take(batch); },
                              [](const Reject& reject, const RejectSink& take) {
                                take(reject);
                                take(reject);
                              }),
                 "records");
}

TEST_F(LyingDecoder, OneThatShiftsTheBordersOfRecordsIsRefused) {
  expect_refused(text_through([](EventBatch& batch, const BatchSink& take) {
                   for (std::size_t i = 0; i < batch.size; ++i) batch.offset_bytes[i] += 3;
                   take(batch);
                 }),
                 "an event does not begin where a record does");
}

TEST_F(LyingDecoder, OneThatEndsTooEarlyIsRefused) {
  expect_refused(
      [](const RecordBytes& records, const MediationOptions&, EventBatch& batch,
         const BatchSink& on_batch, const RejectSink& on_reject) {
        const std::size_t end = records.bytes.find('\n') + 1;
        MediationCounts counts = mediate(
            {records.bytes.substr(end), records.readable_bytes - end}, {}, batch,
            [&](EventBatch& decoded) {
              for (std::size_t i = 0; i < decoded.size; ++i) decoded.offset_bytes[i] += end;
              on_batch(decoded);
            },
            [&](const Reject& reject) {
              on_reject({reject.reason, reject.column, reject.offset_bytes + end});
            });
        counts.bytes = records.bytes.size();
        return counts;
      },
      "records");
}

TEST_F(LyingDecoder, OneThatLeavesBytesOutIsRefused) {
  expect_refused(
      [](const RecordBytes& records, const MediationOptions&, EventBatch& batch,
         const BatchSink& on_batch, const RejectSink& on_reject) {
        MediationCounts counts = mediate(records, {}, batch, on_batch, on_reject);
        counts.bytes -= 1;
        return counts;
      },
      "bytes");
}

TEST_F(LyingDecoder, OneThatMiscountsQuantityIsRefused) {
  expect_refused(
      [](const RecordBytes& records, const MediationOptions&, EventBatch& batch,
         const BatchSink& on_batch, const RejectSink& on_reject) {
        MediationCounts counts = mediate(records, {}, batch, on_batch, on_reject);
        counts.quantity += 1;
        return counts;
      },
      "ms");
}

TEST(InputBalance, EveryDifferenceIsRefused) {
  InputTotals totals;
  totals.bytes = 100;
  totals.records = 10;
  totals.accepted = 4;
  totals.filtered = 3;
  totals.blank = 2;
  totals.rejected[0] = 1;
  EXPECT_NO_THROW(check_input_balance("log", 100, totals));
  EXPECT_THROW(check_input_balance("log", 99, totals), Error);
  EXPECT_THROW(check_input_balance("log", 101, totals), Error);
  for (std::uint64_t* const count :
       {&totals.records, &totals.accepted, &totals.filtered, &totals.blank, &totals.rejected[7]}) {
    ++*count;
    EXPECT_THROW(check_input_balance("log", 100, totals), Error);
    --*count;
  }
}

}  // namespace
}  // namespace billing
