#pragma once

// The fields that are made of an event's time, in the zone of cycles: `date` and `hour`.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cycles/time_zone.h"
#include "mapping/batch_text.h"
#include "mapping/field.h"

namespace billing {

enum class TimePart : std::uint8_t {
  date,  ///< `2025-05-02`
  hour,  ///< `00` to `23`
};

/// Their names.
std::span<const std::string_view> time_part_names();

/// Of a field's name.
std::optional<TimePart> time_part_of(std::string_view name);

/// Immutable once all are added; may be used by any number of threads.
class TimeParts {
 public:
  explicit TimeParts(const std::string& zone) : zone_(zone) {}

  /// `place` is that of the field among those of a record.
  void add(std::size_t place, TimePart part) { places_.push_back({place, part}); }
  const std::vector<std::pair<std::size_t, TimePart>>& places() const { return places_; }

  /// Fills in the fields, which stand where the time does; without a time they are missing.
  void fill(std::optional<std::int64_t> time_ns, std::uint32_t at, Field* fields,
            BatchText& texts) const;

 private:
  TimeZone zone_;
  std::vector<std::pair<std::size_t, TimePart>> places_;
};

}  // namespace billing
