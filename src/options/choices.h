#pragma once

// Values of options that are one of a few names: for the parser, the help and the completions.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "billing/bill.h"
#include "billing/error.h"

namespace billing {

inline constexpr std::pair<const char*, OutputFormat> kFormats[] = {
    {"text", OutputFormat::text}, {"csv", OutputFormat::csv}, {"jsonl", OutputFormat::jsonl}};

/// Whether it is for programs.
inline constexpr std::pair<const char*, bool> kSummaries[] = {{"text", false}, {"json", true}};

inline constexpr std::pair<const char*, UnratedPolicy> kUnrated[] = {
    {"zero", UnratedPolicy::zero},
    {"reject", UnratedPolicy::reject},
    {"fail", UnratedPolicy::fail}};

/// Whether folders tell the date of what is in them.
inline constexpr std::pair<const char*, bool> kPartitions[] = {{"date", true}};

template <class Value, std::size_t kCount>
std::vector<std::string_view> names_of(const std::pair<const char*, Value> (&choices)[kCount]) {
  std::vector<std::string_view> names;
  names.reserve(kCount);
  for (const auto& choice : choices) names.emplace_back(choice.first);
  return names;
}

/// `--option: unknown 'text'; use one of a, b; did you mean 'a'?`
std::string describe_unknown(const char* option, const std::string& text,
                             std::span<const std::string_view> names);

/// The choice whose name was typed. Throws Error(configuration) that lists the names.
template <class Value, std::size_t kCount>
Value choose(const char* option, const std::string& text,
             const std::pair<const char*, Value> (&choices)[kCount]) {
  for (const auto& [name, value] : choices) {
    if (text == name) return value;
  }
  throw Error(ErrorKind::configuration, describe_unknown(option, text, names_of(choices)));
}

}  // namespace billing
