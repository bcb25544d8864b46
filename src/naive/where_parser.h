#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "naive/where.h"

namespace billing::naive {

/// A test, or one of `(`, `)`, `not`, `and`, `or`.
struct WhereToken {
  std::string word;  ///< empty: a test
  WhereTest test;
};

/// Throws Error(configuration) where something stands that cannot.
std::vector<WhereToken> tokens_of_where(const std::string& expression);

}  // namespace billing::naive
