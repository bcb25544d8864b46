#pragma once

// Rejects in the order of the input, whatever the order in which chunks are finished: hands them on
// as their turn comes, keeps the first few for the message, and decides whether there are too many.

#include <array>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "billing/aggregate.h"
#include "billing/rejected_record.h"
#include "io/output_file.h"
#include "job/chunk_rejects.h"
#include "render/excerpt.h"
#include "values/reject_taker.h"

namespace billing {

/// The file of `--rejects`; the caller commits it.
class RejectFile final : public RejectTaker {
 public:
  /// `file` must outlive this object.
  RejectFile(OutputFile& file, bool csv_safe);

  void take(const std::string& input_name, const RejectedRecord& reject) override;
  void finish() override;

 private:
  OutputFile& file_;
  bool csv_safe_;
  std::string rows_;  // to be written
};

/// The host.
class RejectHook final : public RejectTaker {
 public:
  using Hook = std::function<void(const std::string& input_name, const RejectedRecord& reject)>;

  explicit RejectHook(Hook hook) : hook_(std::move(hook)) {}

  void take(const std::string& input_name, const RejectedRecord& reject) override {
    hook_(input_name, reject);
  }
  void finish() override {}

 private:
  Hook hook_;
};

/// What is said of an input's rejects.
struct LedgerInput {
  std::string name;
  std::uint64_t first_line = 0;  ///< lines of the file before what is read
  /// For what is said of rejects; must outlive the ledger. Null: `text`.
  const RecordFormat* format = nullptr;
};

/// Any thread.
class RejectLedger {
 public:
  /// All rejects go to each of `takers`, which must outlive this object. An example in a message
  /// shows about `record_columns` of its record.
  RejectLedger(std::vector<RejectTaker*> takers, std::vector<LedgerInput> inputs,
               std::size_t record_columns = kExcerptColumns);

  /// Whether more than the first kExamples rejects of a chunk are of use.
  bool keeps_all() const { return !takers_.empty(); }
  static constexpr std::size_t kExamples = 5;

  /// Whoever fetches chunks and adds their rejects has one of these meanwhile, so that a chunk for
  /// which all of them would wait in vain is noticed.
  class Working {
   public:
    /// `ledger` must outlive this.
    explicit Working(RejectLedger& ledger);
    ~Working();
    Working(const Working&) = delete;
    Working& operator=(const Working&) = delete;

   private:
    RejectLedger& ledger_;
  };

  /// The rejects of a chunk, in one or more parts, of which the last `ends_chunk`. Chunks come in
  /// any order, each sequence number once. What comes before its turn is kept, as long as it is
  /// little; otherwise this waits for the chunks before, and calls `checkpoint` now and then, which
  /// may throw. Throws std::logic_error for a number that came before, or where one is missing.
  void add(std::uint64_t sequence, ChunkRejects rejects, bool ends_chunk,
           const std::function<void()>& checkpoint);

  /// For an engine that reads in order: a reject with its final line.
  void add_in_order(std::size_t input, const RejectedRecord& reject);

  /// Once, after the last reject. Throws std::logic_error where the number of a chunk is missing.
  void finish();

  /// What is wrong with a run of these totals; for a run with a rejects file (`has_file`) there is
  /// no limit unless one is given.
  /// `broken`: an input ends with a broken record, and may hold more.
  enum class Verdict { good, too_many, nothing_accepted, broken };
  static Verdict judge(const std::optional<RejectLimit>& limit, const InputTotals& totals,
                       bool has_file);

  /// What to say about it, in whole lines: the counts, the first few rejects, and what was wanted.
  /// `is_one_of_many`: what earlier runs have kept is billed all the same.
  std::string describe(Verdict verdict, const InputTotals& totals,
                       bool is_one_of_many = false) const;

 private:
  void await_turn(std::uint64_t sequence, std::unique_lock<std::mutex>& lock,
                  const std::function<void()>& checkpoint);
  [[noreturn]] void fail_missing() const;
  void take(const ChunkRejects& rejects);

  std::vector<RejectTaker*> takers_;
  std::vector<LedgerInput> inputs_;
  std::size_t record_columns_;  // that an example shows

  std::mutex mutex_;
  std::condition_variable turn_;
  std::map<std::uint64_t, ChunkRejects> waiting_;  // finished before an earlier chunk
  std::size_t waiting_bytes_ = 0;
  std::uint64_t next_sequence_ = 0;
  std::size_t working_ = 0;
  std::set<std::uint64_t> blocked_;  // chunks of those that wait for their turn
  std::size_t input_ = 0;
  std::uint64_t lines_ = 0;  // of the input at hand, that were read so far
  std::string examples_;
  std::array<std::string, kRejectReasonCount> reasons_;  // as their first examples explain them
  std::size_t example_count_ = 0;
};

}  // namespace billing
