#pragma once

// Configuration mistakes, collected so that they are reported all together.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "billing/error.h"

namespace billing {

class Mistakes {
 public:
  void add(std::string mistake) { mistakes_.push_back(std::move(mistake)); }

  /// Adds mistakes of one kind or one file, of which there may be any number: the first ten, and
  /// how many more there are.
  void add_all(std::vector<std::string> mistakes);

  std::size_t count() const { return mistakes_.size(); }

  /// Runs `step`; a configuration error it throws becomes a mistake, and the value stays
  /// `otherwise`.
  template <class Step, class Value>
  Value attempt(const Step& step, Value otherwise) {
    try {
      return step();
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::configuration) throw;
      add(error.message());
      return otherwise;
    }
  }

  /// Throws Error(configuration) with all of them, a line each, if there are any.
  void report() const;

 private:
  std::vector<std::string> mistakes_;
};

}  // namespace billing
