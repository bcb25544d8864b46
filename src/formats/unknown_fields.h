#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "billing/error.h"
#include "billing/record_format.h"

namespace billing {

/// A field that records of a format have not.
class UnknownField : public Error {
 public:
  UnknownField(std::string name, const std::string& message)
      : Error(ErrorKind::configuration, message), name_(std::move(name)) {}

  const std::string& name() const { return name_; }

 private:
  std::string name_;
};

/// Throws UnknownField: `what` (such as `the header`) has no field of this name, but these.
[[noreturn]] void fail_unknown_field(std::string_view name, std::string_view what,
                                     const std::vector<std::string>& names);

/// Where only a filter of the format asks for the field: throws an Error that shows the place in
/// its expression.
void show_in_where(const RecordFormat& format, const UnknownField& unknown);

}  // namespace billing
