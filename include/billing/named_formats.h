#pragma once

// The formats and the wrappers that have a name, each with what it is for and an example: what
// `billing formats` shows. All that is returned is always valid.

#include <span>
#include <string_view>

#include "billing/record_format.h"

namespace billing {

/// A row of the table.
struct NamedFormat {
  std::string_view name;
  FormatFamily family;
  std::string_view purpose;
  std::string_view definition = {};  ///< of `web`
  std::string_view example;          ///< the first lines of an input

  // What differs from the family's: see RecordFormat. A selector may be two, `a|b`: the second
  // counts where the input has not the field of the first.
  std::string_view time = {};
  std::string_view user = {};
  std::string_view task = {};
  std::string_view status = {};
  std::string_view quantity = {};
  std::string_view aliases = {};        ///< `name=field`, with spaces between them
  std::string_view missing_words = {};  ///< with spaces between them
  std::string_view meant_records = {};
  char separator = '\0';          ///< of `w3c`
  std::string_view columns = {};  ///< of `w3c`, with spaces between them
};

/// `text`, `combined`, `json` ...: all that FormatSettings::format may name, but `auto`.
std::span<const NamedFormat> named_formats();

struct NamedWrapper {
  Wrapper wrapper;
  std::string_view purpose;
  std::string_view example;
};
/// All but `none`.
std::span<const NamedWrapper> named_wrappers();

}  // namespace billing
