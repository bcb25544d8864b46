#pragma once

// Closing one partition of usage: its records brought together by user, put in order, equal sums
// added. Partitions are independent of each other: one owner each, no locks.

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "engine/packed_event.h"
#include "engine/paged_records.h"
#include "engine/record.h"
#include "engine/sort_records.h"
#include "engine/task_order.h"
#include "engine/usage_parts.h"

namespace billing {

struct ClosedUser {
  const Name* name;     ///< in the table of one of the meters; null for the nameless user
  std::uint64_t begin;  ///< of the user's records, in their order, among the partition's
  std::uint64_t count;  ///< of rows: records, and sums beside the name with other keys
};

/// One form of records is used, never two: packed ones for events that fit into them.
struct ClosedPartition {
  std::vector<ClosedUser> users;
  PagedRecords<CompactRecord> compact;
  PagedRecords<WideRecord> wide;
  PagedRecords<PackedEvent> packed;
  PackedForm packed_form;

  bool is_wide() const { return wide.size() > 0; }
  bool is_packed() const { return packed.size() > 0; }
  /// Where the records of one of `users` end: there the next one's begin.
  std::uint64_t end_of(const ClosedUser& user) const {
    const std::uint64_t all = compact.size() + wide.size() + packed.size();
    return &user == &users.back() ? all : (&user + 1)->begin;
  }
};

/// Works on any number of partitions, one after another, reusing its memory. One per thread.
class PartitionCloser {
 public:
  /// For each meter, by the meter's number of a user: the user's index in the partition being
  /// closed. No user is in two partitions, so closers on several threads may share the arrays.
  using UserIndexes = std::vector<std::unique_ptr<std::uint32_t[]>>;

  explicit PartitionCloser(UserIndexes& user_indexes) : user_indexes_(user_indexes) {}

  /// Takes the records of partition `p` out of `parts`.
  ClosedPartition close(Usage::Parts& parts, const TaskOrder& tasks, std::uint32_t p);

  /// The pages that hold what was closed; to be kept as long as that is used.
  PagePool take_pages() { return std::move(pages_); }

 private:
  void unify_users(const Usage::Parts& parts, std::uint32_t p);
  void fold_name_sums(Usage::Parts& parts, const TaskOrder& tasks, std::uint32_t p);

  struct SumTable;
  template <class Record, class Visit>
  void for_each_record(const Usage::Parts& parts, const TaskOrder& tasks, std::uint32_t p,
                       const Visit& visit) const;
  std::optional<SumTable> table_for(const Usage::Parts& parts, const TaskOrder& tasks,
                                    std::uint32_t p) const;
  bool close_in_table(const Usage::Parts& parts, const TaskOrder& tasks, std::uint32_t p,
                      ClosedPartition& result);

  bool close_packed(const Usage::Parts& parts, const TaskOrder& tasks, std::uint32_t p,
                    ClosedPartition& result);

  template <class Record>
  bool count_sums_to_move(const TaskOrder& tasks);
  template <class Record>
  bool close_as(const Usage::Parts& parts, const TaskOrder& tasks, std::uint32_t p,
                std::vector<Record>& grouped, ClosedPartition& result,
                PagedRecords<Record>& records);

  struct NumberedHash {
    std::uint32_t number;
    std::uint32_t hash;  ///< its top 32 bits
  };

  PagePool pages_;
  UserIndexes& user_indexes_;
  RecordSorter sorter_;
  // Scratch space, by partition.
  std::vector<Name*> users_;                         // of all meters, each once
  std::vector<std::vector<NumberedHash>> numbered_;  // the partition's users in each meter
  std::vector<std::uint32_t> lookup_;                // hash table of indexes into users_, from 1
  std::vector<std::uint64_t> ends_;
  std::vector<std::uint32_t> users_to_move_;  // indexes; see count_sums_to_move()
  std::vector<std::uint64_t> sums_;           // of a SumTable, in the form of NameSums
  std::vector<CompactRecord> compact_;
  std::vector<WideRecord> wide_;
  std::vector<PackedEvent> packed_;
};

}  // namespace billing
