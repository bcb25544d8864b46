#pragma once

// Rejected records in memory, with the columns of the program's rejects file.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "arrow_export.h"
#include "billing/rejected_record.h"
#include "formats/input_format.h"

namespace billing::python {

/// Filled by one thread at a time; afterwards immutable. Bounded: of the first rejects
/// `max_rejects` are kept, and of their text kMaxTextBytes; all are counted.
class RejectTable {
 public:
  static constexpr std::uint64_t kMaxRejects = 10'000;
  static constexpr std::size_t kMaxTextBytes = std::size_t{64} << 20;

  explicit RejectTable(std::uint64_t max_rejects = kMaxRejects) : max_rejects_(max_rejects) {}

  void add(const std::string& input, const RejectedRecord& reject);

  std::uint64_t total() const { return total_; }
  std::uint64_t size() const { return lines_.size(); }

  static const std::vector<ArrowField>& fields();
  /// All of `table` as one batch.
  static std::unique_ptr<ArrowSource> read(std::shared_ptr<const RejectTable> table);

 private:
  /// Texts, one after the other, and where each begins and the last ends.
  struct Texts {
    std::string bytes;
    std::vector<std::int32_t> ends = {0};
    void add(std::string_view text);
  };
  class Source;

  std::uint64_t max_rejects_;
  std::uint64_t total_ = 0;
  Texts files_;
  std::vector<std::int64_t> lines_;
  std::vector<std::int64_t> offsets_;
  Texts reasons_;
  std::vector<std::int64_t> columns_;
  Texts records_;
};

/// Adds the rejects of a chunk, which mediate() has `found` in any order, in the order of the
/// input. `at` is the chunk's place in it and `line` its first line, or 0 where lines are not
/// known. Returns the line behind the chunk, or 0.
std::uint64_t add_rejects(RejectTable& table, const std::string& input, const InputFormat& format,
                          std::string_view chunk, std::uint64_t at, std::uint64_t line,
                          std::vector<Reject>& found);

}  // namespace billing::python
