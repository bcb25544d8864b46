#pragma once

// Paths in tasks: what is an id in them would make a task of its own.

#include <string>
#include <string_view>
#include <vector>

namespace billing::naive {

class TaskPaths {
 public:
  /// `patterns` like `/users/{id}/orders/**`; throws Error(configuration) for a `**` before the
  /// end.
  TaskPaths(bool folds_ids, const std::vector<std::string>& patterns);

  /// The first pattern that the path matches, else the path with `{id}` for its ids.
  std::string rewritten(std::string_view path) const;

 private:
  struct Pattern {
    std::string text;
    std::vector<std::string> segments;
  };

  bool folds_ids_;
  std::vector<Pattern> patterns_;
};

/// At most 255 bytes of valid UTF-8: a longer text is cut and gets its hash.
std::string shortened_task(std::string_view text);

}  // namespace billing::naive
