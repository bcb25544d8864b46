#pragma once

// Local clocks: what they show, and when.

#include <absl/time/time.h>

#include <cstdint>
#include <optional>
#include <string>

namespace billing::naive {

/// Immutable.
class LocalZone {
 public:
  /// From the system's time zone database. `setting` names the option in the message of the
  /// Error(configuration) that an unknown name throws.
  LocalZone(const std::string& name, const std::string& setting);

  /// The instant at which local clocks show `local_s`, a civil time counted as if it were UTC; the
  /// earlier of two, and nothing where they skip it.
  std::optional<std::int64_t> instant_s(std::int64_t local_s) const;

  /// The first instant of a local date, in days since 1970-01-01; nothing where clocks skip all of
  /// it.
  std::optional<std::int64_t> first_instant_s(std::int64_t local_days) const;

  /// What local clocks show at an instant, counted as if it were UTC.
  std::int64_t local_s(std::int64_t instant_s) const;

 private:
  absl::TimeZone zone_;
};

}  // namespace billing::naive
