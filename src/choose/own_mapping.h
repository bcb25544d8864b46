#pragma once

// What a row of the table of formats says in short, taken apart.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "billing/choose_format.h"
#include "billing/named_formats.h"
#include "billing/record_format.h"

namespace billing {

std::vector<std::string> words_of(std::string_view text);

std::vector<FieldAlias> aliases_of(const NamedFormat& row);

/// Whether an input has a field of that name.
using HasField = std::function<bool(std::string_view field)>;

/// Puts what the row says in the place of what is usual in its family. Fields that the input has
/// not are left out of lists.
void set_own_mapping(FieldMapping& mapping, const NamedFormat& row, const HasField& has);

}  // namespace billing
