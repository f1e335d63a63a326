# frozen_string_literal: true

module Planche
  # The program that this gem ships.
  PROGRAM = File.expand_path("../../libexec/planche#{".exe" if Gem.win_platform?}", __dir__)
end
