#pragma once

// Which fields look like the parts of an event, where they are not called as usual. A guess is only
// ever shown: no event is made of one before somebody has said so.

#include <string>
#include <string_view>
#include <vector>

#include "billing/choose_format.h"
#include "billing/record_format.h"

namespace billing {

/// `mapping` with what it lacks, or looks for where nothing is, guessed by names and examples. A
/// part stays empty where nothing looks like it.
FieldMapping guess_mapping(const FieldMapping& mapping, const std::vector<SeenField>& fields);

/// Whether one of the fields is what the selector of a setting (`time`) asks for, or it asks for
/// none; false for one that is empty or wrong.
bool is_met(std::string_view setting, const std::string& selector,
            const std::vector<SeenField>& fields);

}  // namespace billing
