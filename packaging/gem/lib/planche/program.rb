# frozen_string_literal: true

module Planche
  # The program that this gem ships.
  PROGRAM = File.expand_path("../../libexec/planche", __dir__)
end
