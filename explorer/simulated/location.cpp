#include "explorer/simulated/location.hpp"

#include "explorer/simulated/number_text.hpp"
#include "messages/json/json.hpp"

namespace provision::simulated {

location read_location(object_reader reader) {
  location where;
  reader.read("city", where.city);
  reader.read("country", where.country);
  reader.read("continent", where.continent);
  reader.read("latitude", where.latitude);
  reader.read("longitude", where.longitude);
  return where;
}

std::string write(const location& where) {
  return "{\"city\":" + json::quote(where.city)
         + ",\"country\":" + json::quote(where.country)
         + ",\"continent\":" + json::quote(where.continent)
         + ",\"latitude\":" + number_text(where.latitude)
         + ",\"longitude\":" + number_text(where.longitude) + "}";
}

} // namespace provision::simulated
