#pragma once

// What is usual: which fields make an event where nothing is said, and what quantities are then in.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "billing/record_format.h"
#include "formats/web_definition.h"

namespace billing {

/// What a definition has of the usual fields. A part stays empty where it has none.
FieldMapping web_mapping(const WebDefinition& definition);

/// Of a W3C log with such columns.
FieldMapping w3c_mapping(const std::function<bool(std::string_view column)>& has);

/// The usual names in objects, tables and pairs. A table has the columns that it has (null: any);
/// a part stays empty where none of them is usual.
FieldMapping named_mapping(const std::vector<std::string>* columns);

/// The unit and the digits of quantities by `format`'s mapping.
std::string default_unit_of(const RecordFormat& format);
int default_digits_of(const RecordFormat& format);

/// Whether a task is made of a path, in which ids can be folded.
bool asks_for_path(const std::string& task);

}  // namespace billing
