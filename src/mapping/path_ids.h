#pragma once

// Ids in the paths of URLs: a task is `/users/{id}`, not one of a million users.

#include <string>
#include <string_view>
#include <vector>

#include "mapping/batch_text.h"

namespace billing {

/// Whether a segment of a path is an id: digits alone, a UUID, or at least 16 hex digits.
bool is_id_segment(std::string_view segment);

/// The path with `{id}` in place of each such segment; the same view where there is none.
std::string_view fold_ids(std::string_view path, BatchText& texts);

/// A pattern such as `/users/{user}/orders/**`: `{x}` is one segment that is not empty, `**`, only
/// at the end, any number of segments, also none.
class PathPattern {
 public:
  /// Throws Error(configuration) for what is no pattern.
  explicit PathPattern(const std::string& text);

  bool matches(std::string_view path) const;
  const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::vector<std::string> segments_;  ///< empty: any one; what stands before a `**`
  bool has_rest_ = false;
};

}  // namespace billing
