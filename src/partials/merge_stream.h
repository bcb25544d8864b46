#pragma once

// Many files of usage as one, in order: a k-way merge, first of users, then of each user's rows.

#include <memory>
#include <string>
#include <vector>

#include "billing/ordered_usage.h"
#include "partials/usage_file.h"

namespace billing {

/// A file, and what its tasks are called in the result.
struct MergeInput {
  std::unique_ptr<UsageFileReader> file;
  std::vector<std::uint32_t> task_of;  ///< by the file's own number; rising
};

class MergeStream final : public UsageStream {
 public:
  MergeStream(std::vector<MergeInput> inputs, bool events);

  /// Equal keys of sums are added up; events are all kept.
  bool next(UsageSink& sink) override;

 private:
  struct Head {
    UsageRow row;
    std::size_t input;
    bool operator>(const Head& other) const { return row > other.row; }
  };

  void begin_user();
  bool read_row(std::size_t input, UsageRow& row);
  bool refill();
  void add_up(const UsageRow& row);

  std::vector<MergeInput> inputs_;
  bool events_;
  std::vector<std::size_t> users_;  // heap of inputs, the first user on top
  std::vector<Head> heads_;         // heap of the user's rows at hand, the first on top
  std::string user_;
  std::uint64_t rows_before_ = 0;  // of the user, already in the sink
  std::vector<UsageRow> rows_;     // to go there
};

}  // namespace billing
