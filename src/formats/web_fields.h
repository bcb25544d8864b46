#pragma once

// The fields of web servers' formats that stand in no line as they are: parts of the request and of
// addresses, and classes of clients.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "mapping/batch_text.h"

namespace billing {

/// What is made of a field that a line holds.
enum class Derived : std::uint8_t {
  as_it_stands,
  method,
  target,
  path,
  query,
  protocol,
  extension,
  status_class,
  ip,
  ip_before_port,
  host,
  device,
  is_bot,
};

/// One that may be asked for.
struct DerivedField {
  std::string_view name;
  Derived what;
  std::string_view source;
  bool is_target = false;  ///< the source is no request, but a request's target or path alone
};

/// All there are. Where a definition has the sources of several rows of a name, the first counts.
std::span<const DerivedField> derived_fields();

/// A request's method, target and protocol: `GET /a?b HTTP/1.1`. Empty where it is no request.
struct Request {
  std::string_view method;
  std::string_view target;
  std::string_view protocol;
};
void parse_request(std::string_view text, Request& request);

/// Whether it is derived from parts of a request.
bool is_of_request(Derived what);

/// What is made of `source`, which is not missing; empty where there is none. `request`, where the
/// field is_of_request, is what the source holds.
std::string_view derive(Derived what, std::string_view source, const Request& request,
                        BatchText& texts);

/// Parts of a target that is known.
std::string_view path_of(std::string_view target);

}  // namespace billing
