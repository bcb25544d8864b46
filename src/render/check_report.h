#pragma once

// What `billing check` tells: for people, and as one line of JSON for programs.

#include <cstddef>
#include <string>
#include <vector>

#include "billing/check.h"

namespace billing {

/// What a user can do next: a command to be typed, and what it is for.
struct Proposal {
  std::string purpose;
  std::string command;
};

/// Several lines for each input; `columns` as of append_excerpt(). Names of settings have marks:
/// see tell().
std::string check_text(const CheckReport& report, const std::vector<Proposal>& proposals,
                       std::size_t columns);

/// One line with its LF.
std::string check_json(const CheckReport& report, const std::vector<Proposal>& proposals);

/// What may surprise whoever bills the input, though it can be read.
std::vector<std::string> check_warnings(const CheckedInput& input);

}  // namespace billing
