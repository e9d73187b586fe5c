"""Stands for cffi's second back end: the tests that name it run on symbridge."""


class CTypesBackend:
    pass
