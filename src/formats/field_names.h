#pragma once

#include <string>
#include <vector>

#include "billing/record_format.h"

namespace billing {

/// Fields that records have, those that aliases name, and what is derived of them.
std::vector<std::string> with_derived_names(const std::vector<std::string>& fields,
                                            const std::vector<FieldAlias>& aliases);

}  // namespace billing
