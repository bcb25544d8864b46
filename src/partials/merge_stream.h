#pragma once

// Many files of usage as one, in order: a k-way merge, first of users, then of each user's rows.

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/merge_heap.h"
#include "billing/ordered_usage.h"
#include "partials/task_blocks.h"
#include "partials/usage_file.h"

namespace billing {

/// A file that is merged.
struct MergeInput {
  std::unique_ptr<UsageFileReader> file;
  TaskPlaces task_of;  ///< what its tasks are called in the result
};

class MergeStream final : public UsageStream {
 public:
  MergeStream(std::vector<MergeInput> inputs, RowKind kind);

  /// Equal keys of sums are added up; events are all kept.
  bool next(UsageSink& sink) override;

 private:
  /// An input at a user of whom nothing has been read.
  struct UserHead {
    bool operator<(const UserHead& other) const;

    std::array<std::uint64_t, 2> prefix;  ///< the name's first 16 bytes, as numbers in their order
    std::string_view user;
    std::size_t input;
  };
  /// An input's next row of the user at hand.
  struct RowHead {
    bool operator<(const RowHead& other) const { return row < other.row; }

    UsageRow row;
    std::size_t input;
  };

  void expect_user(std::size_t input);
  void begin_user();
  bool read_row(std::size_t input, UsageRow& row);
  bool refill();
  void add_up(const UsageRow& row);

  std::vector<MergeInput> inputs_;
  RowKind kind_;
  MergeHeap<UserHead> users_;  // of the inputs that do not have the user at hand
  MergeHeap<RowHead> heads_;   // of those that do
  std::string user_;
  std::uint64_t rows_before_ = 0;  // of the user, already in the sink
  std::vector<UsageRow> rows_;     // to go there
};

}  // namespace billing
